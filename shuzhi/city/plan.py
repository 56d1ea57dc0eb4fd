"""What a simulated city is made of: its seed, its first day, its size (规模)."""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from shuzhi.errors import InputError
from shuzhi.settings import BEIJING


@dataclass(frozen=True)
class Plan:
    """The choices that fix every value of a city.

    Parameters
    ----------
    seed : int
        Two cities with one seed are equal, whenever they are built.
    first : date
        First Beijing day of the archive.
    stations : int, optional
        Number of air stations, thinned evenly from the whole city; None keeps all of them.
    """

    seed: int
    first: dt.date
    stations: int | None = None

    @property
    def begin(self) -> dt.datetime:
        """00:00 of the first day; the first stamp is an hour later."""
        return dt.datetime.combine(self.first, dt.time(), BEIJING)

    @classmethod
    def full(cls, seed: int = 1, now: dt.datetime | None = None) -> "Plan":
        """The whole city, from 1 January of last year."""
        return cls(seed, dt.date(last_full_hour(now).year - 1, 1, 1))

    @classmethod
    def small(cls, seed: int = 1, now: dt.datetime | None = None, stations: int = 12, days: int = 60) -> "Plan":
        """A few stations over the last weeks, for tests and quick looks."""
        return cls(seed, last_full_hour(now).date() - dt.timedelta(days=days), stations)

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """The plan kept in a home; `InputError` if it can't be read."""
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return cls(int(kept["seed"]), dt.date.fromisoformat(kept["first"]), kept["stations"])
        except FileNotFoundError:
            raise InputError("there is no simulated city here; run `city build` first", file=path) from None
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"not the description of a simulated city ({error}); build it anew", file=path) from None

    def write(self, path: Path) -> None:
        """Keep the plan in a home."""
        kept = asdict(self) | {"first": self.first.isoformat()}
        path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def reached(folder: Path) -> dt.datetime | None:
    """The newest stamp that the city of a folder has taken in; None until it is built."""
    path = folder / "reached.json"
    return dt.datetime.fromisoformat(json.loads(path.read_text())["until"]) if path.exists() else None


def note_reached(folder: Path, until: dt.datetime) -> None:
    """Remember how far the city has come."""
    part = folder / "reached.part"
    part.write_text(json.dumps({"until": until.isoformat()}) + "\n")
    part.replace(folder / "reached.json")


def last_full_hour(now: dt.datetime | None = None) -> dt.datetime:
    """The newest stamp (end of hour, Beijing) that is over at `now`; a time without zone is Beijing's."""
    if now is None:
        now = dt.datetime.now(BEIJING)
    now = now.replace(tzinfo=BEIJING) if now.tzinfo is None else now.astimezone(BEIJING)
    return now.replace(minute=0, second=0, microsecond=0)
