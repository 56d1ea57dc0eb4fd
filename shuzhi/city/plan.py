"""What a simulated city is made of: its seed, its first day, its size (规模)."""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from shuzhi.errors import InputError
from shuzhi.settings import BEIJING

STEPS = ("places", "stations", "air", "weather", "water", "inventory", "machines", "people", "weather_forecast")
"""What a city is built of, in this order; build.py says how."""

_BEFORE_WATER = ("stations", "air", "weather")
"""The steps of a city that was built before it had water: it noted one time for all of them."""

_SMALL = {"stations": 12, "water": 9, "sources": 5_000, "machines": 700}


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
    water, sources, machines : int, optional
        Number of water stations, pollution sources and machines likewise.
    """

    seed: int
    first: dt.date
    stations: int | None = None
    water: int | None = None
    sources: int | None = None
    machines: int | None = None

    @property
    def begin(self) -> dt.datetime:
        """00:00 of the first day; the first stamp is an hour later."""
        return dt.datetime.combine(self.first, dt.time(), BEIJING)

    @property
    def scale(self) -> str:
        """'full' or 'small'."""
        return "full" if self.stations is None else "small"

    @classmethod
    def full(cls, seed: int = 1, now: dt.datetime | None = None) -> "Plan":
        """The whole city, from 1 January of last year."""
        return cls(seed, dt.date(last_full_hour(now).year - 1, 1, 1))

    @classmethod
    def small(
        cls, seed: int = 1, now: dt.datetime | None = None, stations: int = _SMALL["stations"], days: int = 60
    ) -> "Plan":
        """A few stations over the last weeks, for tests and quick looks."""
        return cls(seed, last_full_hour(now).date() - dt.timedelta(days=days), **_SMALL | {"stations": stations})

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """The plan kept in a home; `InputError` if it can't be read.

        A city that was built before it had water is as large in what it gets now.
        """
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            stations = kept["stations"]
            sizes = {name: kept.get(name, stations and _SMALL[name]) for name in ("water", "sources", "machines")}
            return cls(int(kept["seed"]), dt.date.fromisoformat(kept["first"]), stations, **sizes)
        except FileNotFoundError:
            raise InputError("there is no simulated city here; run `city build` first", file=path) from None
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"not the description of a simulated city ({error}); build it anew", file=path) from None

    def write(self, path: Path) -> None:
        """Keep the plan in a home."""
        kept = asdict(self) | {"first": self.first.isoformat()}
        path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def reached(folder: Path) -> dt.datetime | None:
    """The newest stamp that the city of a folder has taken in; None until each step of it is built."""
    there = reached_by_step(folder)
    return min(there[step] for step in STEPS) if all(step in there for step in STEPS) else None


def reached_by_step(folder: Path) -> dict[str, dt.datetime]:
    """How far each step of a city has come, as far as it was begun and not interrupted."""
    path = folder / "reached.json"
    if not path.exists():
        return {}
    kept = json.loads(path.read_text())
    kept = kept["steps"] if "steps" in kept else dict.fromkeys(_BEFORE_WATER, kept["until"])
    return {step: dt.datetime.fromisoformat(until) for step, until in kept.items()}


def note_reached(folder: Path, step: str, until: dt.datetime) -> None:
    """Remember how far a step has come."""
    there = reached_by_step(folder) | {step: until}
    part = folder / "reached.part"
    part.write_text(
        json.dumps({"steps": {name: moment.isoformat() for name, moment in there.items()}}, indent=1) + "\n"
    )
    part.replace(folder / "reached.json")


def last_full_hour(now: dt.datetime | None = None) -> dt.datetime:
    """The newest stamp (end of hour, Beijing) that is over at `now`; a time without zone is Beijing's."""
    if now is None:
        now = dt.datetime.now(BEIJING)
    now = now.replace(tzinfo=BEIJING) if now.tzinfo is None else now.astimezone(BEIJING)
    return now.replace(minute=0, second=0, microsecond=0)
