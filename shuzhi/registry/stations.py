"""The register of monitoring stations (监测站点)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import select

from shuzhi.store import Home
from shuzhi.store.ledger import Station

NETWORKS = {"国控": "national", "省控": "provincial", "市控": "city", "微站": "micro"}
"""Names of the networks and their codes."""

GIVEN = ["name", "city", "province", "district", "network", "lon", "lat", "background", "evaluation"]
"""What a station's row may say; None: it does not say."""

_NATIONAL = re.compile(r"^\d{4}A$")
_READINGS = "readings"


@dataclass(frozen=True)
class Upserted:
    """Numbers of stations that were new, changed, or already so."""

    new: int
    changed: int
    unchanged: int


def normal_city(name: str | None) -> str | None:
    """The short name of a city: 成都市 → 成都; None for an empty one."""
    name = (name or "").strip()
    return (name.removesuffix("市") if len(name) > 2 else name) or None


def network_of(code: str) -> str | None:
    """The network that a code tells: ``1434A`` is national; None where it tells nothing."""
    return "national" if _NATIONAL.match(code) else None


def upsert(home: Home, table: pd.DataFrame, created_by: str) -> Upserted:
    """Write stations into the register.

    What a row does not say (None) stays as it is; for a station that is new, or known only from its readings, the
    network follows from the code and a national site counts for evaluation unless it is a reference site (对照点).

    Parameters
    ----------
    home : Home
    table : DataFrame
        ``code`` (unique) and any of ``GIVEN``; missing values are None.
    created_by : str
        The door, for the record.
    """
    count = dict.fromkeys(("new", "changed", "unchanged"), 0)
    with home.writer(), home.ledger.session() as session:
        known = {station.code: station for station in session.scalars(select(Station))}
        for row in table.to_dict("records"):
            station = known.get(row["code"])
            outcome = "changed" if station else "new"
            if station is None:
                station = Station(code=row["code"], kind="air", background=False, evaluation=False)
                station.created_by = _READINGS
                session.add(station)
            _write(station, row, created_by)
            count["unchanged" if outcome == "changed" and not session.is_modified(station) else outcome] += 1
    if count["new"] or count["changed"]:
        home.changed()
    return Upserted(**count)


def ensure(home: Home, codes: Iterable[str], kind: str = "air", details: pd.DataFrame | None = None) -> list[str]:
    """Create the stations that readings came from and the register does not know.

    Parameters
    ----------
    home : Home
    codes : iterable of str
    kind : 'air' or 'weather'
    details : DataFrame, optional
        Indexed by code, with any of name, city, lon, lat: what the readings' file says about its stations. It fills
        what the register does not know yet, and changes nothing that it knows.

    Returns
    -------
    list of str
        Codes of the stations created.
    """
    codes = sorted(set(codes))
    created = []
    with home.writer(), home.ledger.session() as session:
        known = {station.code: station for station in session.scalars(select(Station))}
        for code in codes:
            if code not in known:
                network = network_of(code) if kind == "air" else None
                known[code] = Station(code=code, kind=kind, name=code, network=network, background=False)
                known[code].evaluation, known[code].created_by = False, _READINGS
                session.add(known[code])
                created.append(code)
            if kind == "air":
                _set(known[code], "kind", "air")  # an air station may have sent weather first
            if details is not None and code in details.index:
                _fill(known[code], details.loc[code].to_dict())
        changed = bool(session.new or session.dirty)
    if changed:
        home.changed()
    return created


def codes_of_city(home: Home, city: str) -> set[str]:
    """Codes of the air stations that the register has in a city (成都 or 成都市)."""
    query = select(Station.code).where(Station.city == normal_city(city), Station.kind == "air")
    with home.ledger.session() as session:
        return set(session.scalars(query))


def _write(station: Station, row: dict, created_by: str) -> None:
    given = {field: row[field] for field in GIVEN if row.get(field) is not None}
    fresh = station.created_by == _READINGS
    follows = fresh or given.get("background", station.background) != station.background
    for field, value in given.items():
        _set(station, field, value)
    if station.name is None:
        station.name = station.code
    if fresh:
        station.created_by = created_by
        _set(station, "kind", "air")
        _set(station, "network", station.network or network_of(station.code))
    if follows and "evaluation" not in given:
        _set(station, "evaluation", station.network == "national" and not station.background)


def _fill(station: Station, given: dict) -> None:
    for field, value in given.items():
        unknown = station.name == station.code if field == "name" else getattr(station, field) is None
        if unknown and value is not None:
            _set(station, field, value)


def _set(station: Station, field: str, value) -> None:
    """Touch a field only when it changes, so that an equal row counts as unchanged."""
    if getattr(station, field) != value:
        setattr(station, field, value)
