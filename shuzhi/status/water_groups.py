"""Sections of surface water as arrays: at a moment, over a span, and by river, district and lake with the year before.

Everything here is in the order of a register of sections; the law is that of `shuzhi.standards.water`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shuzhi.standards import water as law
from shuzhi.status import water, water_rows
from shuzhi.store import Home, Scope
from shuzhi.store.schema import CLASS_PUBLISHED, WATER_ITEMS

FRESH = pd.Timedelta(hours=12)
"""A section keeps its class for so long: three of its four-hourly times."""

TLI_MEASURED = tuple(item for item in law.TLI_ITEMS if item != "transparency")
"""The parameters of the trophic index that automatic stations measure: four of the five."""

_OF_LAKES = tuple(dict.fromkeys((*law.AUTOMATIC, *TLI_MEASURED)))


def _columns(items: tuple[str, ...], of: tuple[str, ...] = WATER_ITEMS) -> list[int]:
    return [of.index(item) for item in items]


_AUTOMATIC = _columns(law.AUTOMATIC)


@dataclass(frozen=True)
class Groups:
    """Names (n,) in order, and for each section the number of its own, −1 where it has none."""

    names: np.ndarray
    label: np.ndarray

    @classmethod
    def of(cls, names: pd.Series, chosen: np.ndarray) -> "Groups":
        """Groups of the chosen sections that have a name."""
        text = names.astype(object).where(chosen & names.notna().to_numpy(), None)
        label, found = pd.factorize(text, sort=True)
        return cls(np.asarray(found, dtype=object), label)

    def twice(self, here: np.ndarray, before: np.ndarray) -> np.ndarray:
        """Numbers of the groups of this year, then those of the last, of the sections that count; −1 of the others."""
        label, n = self.label, len(self.names)
        known = label >= 0
        return np.concatenate([np.where(known & here, label, -1), np.where(known & before, label + n, -1)])


@dataclass(frozen=True)
class Register:
    """The sections that pages speak of, as far as it does not depend on a moment.

    Attributes
    ----------
    table : DataFrame
        As `shuzhi.status.water_overview.watched`; not to be changed.
    city : str or None
    number : array (sections,)
        Number among the sections that have ever sent anything, −1 for none.
    lake : array (sections,)
        bool.
    target : array (sections,)
        Target class, NaN none.
    river, district, lakes : Groups
        Rivers of the sections that are no lakes; districts; lakes by their name, else that of the section.
    """

    table: pd.DataFrame
    city: str | None
    number: np.ndarray
    lake: np.ndarray
    target: np.ndarray
    river: Groups
    district: Groups
    lakes: Groups


def register_of(home: Home, table: pd.DataFrame, city: str | None) -> Register:
    """A register as arrays."""
    lake = table["lake"].to_numpy(bool)
    return Register(
        table=table,
        city=city,
        number=numbers_of(home, table),
        lake=lake,
        target=table["target_class"].to_numpy(float, na_value=np.nan),
        river=Groups.of(table["river"], ~lake),
        district=Groups.of(table["district"], np.ones(len(table), bool)),
        lakes=Groups.of(table["river"].fillna(table["name"]), lake),
    )


def numbers_of(home: Home, table: pd.DataFrame) -> np.ndarray:
    """Numbers of the sections of a table among those that have ever sent anything, −1 for none."""
    codes = water_rows.codes_of(home)
    return codes.get_indexer(pd.Index(table["code"], dtype=codes.dtype))


@dataclass(frozen=True)
class Seen:
    """The sections at a moment or over a span.

    Attributes
    ----------
    values : array (sections, items)
        ``store.schema.WATER_ITEMS``, NaN where missing.
    rated : Rated
    own : dict of array (sections,)
        At a moment time (datetime64 in UTC, NaT without a reading), class_published and state of the reading; over a
        span times (number of readings, NaN without any).
    """

    values: np.ndarray
    rated: water.Rated
    own: dict[str, np.ndarray]

    @property
    def water_class(self) -> np.ndarray:
        """int8 1…6, 0 none."""
        return self.rated.water_class

    @property
    def known(self) -> np.ndarray:
        """Which sections have a class."""
        return self.rated.water_class > 0

    @property
    def classes(self) -> np.ndarray:
        """Classes of the items (sections, 5), 0 where the section has none."""
        return np.where(self.known[:, None], self.rated.single, 0)

    @property
    def newest(self) -> pd.Timestamp | None:
        """Newest time of the readings at a moment (UTC)."""
        times = self.own["time"][~np.isnat(self.own["time"])]
        return pd.Timestamp(times.max(), tz="UTC") if len(times) else None

    def columns(self, target: np.ndarray) -> dict:
        """Columns of a table: time, the items, class_published and state (or times and the items), water_class
        (0 none), deciding, measured, class_<item>, missing, meets (达标; boolean, NA unknown)."""
        items = dict(zip(WATER_ITEMS, self.values.T, strict=True))
        first, *others = self.own
        head = {first: self.own[first]} | items | {name: self.own[name] for name in others}
        if first == "time":
            head["time"] = pd.DatetimeIndex(self.own["time"]).tz_localize("UTC")
        return head | self.rated.columns() | {"meets": law.meets_target(self.water_class, target)}


def at_moment(home: Home, scope: Scope, at: pd.Timestamp, number: np.ndarray) -> Seen:
    """Sections by their numbers at a moment: the newest reading with a class in the `FRESH` hours up to it, else the
    newest one."""
    found, rated = water.rated_readings(home, scope, at - FRESH, at)
    newest = np.full(len(found.codes) + 1, -1)  # one more, for a section that has never sent anything
    for rows in (np.arange(len(found)), np.flatnonzero(rated.water_class)):
        newest[found.section[rows]] = rows  # they come in the order of time: the last one stays
    row = newest[number]
    values = water.taken(found.values, row, np.nan)
    own = {
        "time": water.taken(found.time, row, np.datetime64("NaT")),
        CLASS_PUBLISHED: values[:, -1],
        "state": water.taken(found.state, row, ""),
    }
    return Seen(values[:, :-1], rated.at(row), own)


def over_span(home: Home, scope: Scope, start: pd.Timestamp, end: pd.Timestamp, number: np.ndarray) -> Seen:
    """Sections by their numbers over the stamps in (start, end], by the means."""
    found = water.rated_means(home, scope, start, end)
    times = water.taken(found.times.astype(float), number, 0)
    row = np.where(times > 0, number, -1)
    return Seen(
        water.taken(found.values, row, np.nan), found.rated.at(row), {"times": np.where(times > 0, times, np.nan)}
    )


def main_pollutants(seen: Seen, lake: np.ndarray, rounded: bool) -> tuple[np.ndarray, np.ndarray]:
    """Main pollutants of each section (symbols, ";"), and the multiple of the first (NaN none)."""
    values = seen.values[:, _AUTOMATIC]
    values = law.round_values(values, law.AUTOMATIC) if rounded else values
    times = law.multiples(values, lake, law.AUTOMATIC)
    order = law.worst_first(law.classes_of(values, lake, law.AUTOMATIC), times, law.AUTOMATIC)
    first = np.where(order[:, 0] >= 0, times[np.arange(len(order)), order[:, 0]], np.nan)
    return law.symbols_in_order(order, law.AUTOMATIC), first


def by_river(here: Seen, before: Seen, places: Register, rounded: bool) -> pd.DataFrame:
    """Quality of each river from its sections, and a year earlier; lakes and sections without a river are left out.

    Returns
    -------
    DataFrame
        river, and of `shuzhi.standards.water.river_quality`: sections (rated), n_1…n_6, good_share, worst_share,
        quality (1…5, 0 none), method, water_class, main; of all its sections: registered; quality_before, and change
        (steps of quality, −2…2, positive is better; NaN unknown). The worst first.
    """
    names, n = places.river.names, len(places.river.names)
    values = np.concatenate([here.values, before.values])[:, _AUTOMATIC]
    single, label = np.concatenate([here.classes, before.classes]), places.river.twice(here.known, before.known)
    found = law.rivers_of(values, single, np.zeros(len(values), bool), label, 2 * n, law.AUTOMATIC, rounded)
    quality, past = found["quality"][:n].astype(int), found["quality"][n:].astype(int)
    registered = np.bincount(places.river.label[places.river.label >= 0], minlength=n)
    columns = {"river": names} | {name: column[:n] for name, column in found.items()}
    columns |= {"registered": registered, "quality_before": past, "change": law.quality_change(past, quality)}
    return _ordered(columns, np.lexsort((-registered, columns["good_share"], -quality)))


def by_district(means: Seen, past: Seen, places: Register) -> pd.DataFrame:
    """City water-quality index (CWQI) of each district, and its change from a year earlier; the best first.

    Returns
    -------
    DataFrame
        district, and of `shuzhi.standards.water.city_cwqi`: cwqi (4 decimals), cwqi_river, cwqi_lake, rivers, lakes,
        measured (items of the 21); before, change (%, negative is better; NaN unknown or other items), rank.
    """
    names, n = places.district.names, len(places.district.names)
    values = np.concatenate([means.values, past.values])[:, _AUTOMATIC]
    label, lake = places.district.twice(means.known, past.known), np.tile(places.lake, 2)
    found = law.cities_of(values, lake, label, 2 * n, law.AUTOMATIC, decimals=4)
    cwqi, measured = found["cwqi"], found["measured"]
    columns = {"district": names} | {name: column[:n] for name, column in found.items()}
    columns["before"] = np.where(measured[:n] == measured[n:], cwqi[n:], np.nan)
    columns["change"] = law.cwqi_change(columns["cwqi"], columns["before"])
    columns["rank"] = np.searchsorted(np.sort(columns["cwqi"]), columns["cwqi"]) + 1.0
    order = np.argsort(columns["cwqi"], kind="stable")
    return _ordered(columns, order[~np.isnan(columns["cwqi"][order])])


def by_lake(means: Seen, past: Seen, places: Register) -> pd.DataFrame:
    """Class and trophic level of each lake or reservoir from the means of its points; the worst first.

    The index is made of four of its five parameters: automatic stations do not measure transparency.

    Returns
    -------
    DataFrame
        lake, points, water_class, deciding, class_tn (total nitrogen, rated beside the class; 0 none), tli, trophic
        (1…5, 0 none), tli_before, and chla, tp, tn, codmn (means, mg/L).
    """
    names, n = places.lakes.names, len(places.lakes.names)
    values = np.concatenate([means.values, past.values])[:, _columns(_OF_LAKES)]
    label = places.lakes.twice(means.known, past.known)
    points = np.bincount(label[label >= 0], minlength=2 * n)[:n]
    mean = law.group_means(values, label, 2 * n, _OF_LAKES)
    measured = mean[:, _columns(TLI_MEASURED, _OF_LAKES)]
    tli = law.tli_of(law.item_tlis(measured, TLI_MEASURED), TLI_MEASURED)
    columns = {"lake": names, "points": points} | _classes_of_lakes(mean[:n])
    columns |= {"tli": tli[:n], "trophic": law.trophic(tli[:n])}
    columns |= dict(zip(TLI_MEASURED, measured[:n].T, strict=True)) | {"tli_before": tli[n:]}
    order = np.argsort(-columns["tli"], kind="stable")
    return _ordered(columns, order[points[order] > 0])


def _classes_of_lakes(mean: np.ndarray) -> dict[str, np.ndarray]:
    """Class of each lake from its means (lakes, `_OF_LAKES`), and of its nitrogen."""
    automatic, nitrogen = (
        law.classes_of(law.round_values(mean[:, _columns(items, _OF_LAKES)], items), True, items)
        for items in (law.AUTOMATIC, ("tn",))
    )
    found, deciding = automatic.max(axis=1), law.deciding(automatic, law.AUTOMATIC)
    columns = {"water_class": found, "deciding": deciding, "measured": law.measured(automatic)}
    columns |= {f"class_{item}": automatic[:, k] for k, item in enumerate(law.AUTOMATIC)}
    return columns | {"class_tn": nitrogen[:, 0], "quality": law.quality(found)}


def _ordered(columns: dict, order: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({name: column[order] for name, column in columns.items()})
