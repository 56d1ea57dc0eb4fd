"""Non-road machines (非道路移动机械): the register with each machine's last position and low-emission zone (低排区).

A machine is ``forbidden`` where its last position lies inside a zone that does not admit its emission stage.

An owner who is a natural person is masked in lists, cards, search and what the map is told; `full` opens one record,
and exports are unmasked for whoever may open them.
"""

from dataclasses import replace

import duckdb
import pandas as pd
import pyarrow as pa
import shapely
from shapely.geometry import shape

from shuzhi.access import audit, masks
from shuzhi.errors import NotFoundError
from shuzhi.registry import listing, places
from shuzhi.registry.listing import Found
from shuzhi.settings import BEIJING
from shuzhi.store import Home, Scope, tracks
from shuzhi.store.engine import relation
from shuzhi.store.schema import DELIVERED
from shuzhi.store.selection import Selection
from shuzhi.store.serving import X, Y

REGISTER = "machines"
FACETS = ("unit", "type", "stage", "fuel", "seen", "zone", "forbidden")
POWER_BANDS = (0, 37, 56, 75, 130, 560)
"""Lower ends of the bands of rated power [kW] that GB 20891-2014 distinguishes."""
ORDERS = ("id", "type", "power", "stage", "owner", "unit", "seen_at")
_WHOLE = """SELECT chosen.* REPLACE (machine.owner AS owner) FROM chosen LEFT JOIN machine
ON machine.id = chosen.id AND machine.valid_from = chosen.valid_from AND machine.delivery = chosen.delivery"""
"""SQL of the chosen rows with their owners as the lake has them."""
_COLUMNS = (*DELIVERED["machine"], "lon", "lat", "seen_at", "zone", "forbidden", "valid_from", "valid_to")


def serve(home: Home) -> None:
    """Make the serving copy anew: last positions, and the zones that they lie in."""
    home.serving.write(
        REGISTER,
        f"""SELECT m.* REPLACE (o.shown AS owner), p.lon, p.lat, p.seen_at, {X} AS x, {Y} AS y,
            z.zone, coalesce(list_contains(z.stages, m.stage), false) AS forbidden,
            lower(concat_ws('|', m.id, m.code, m.maker, m.model, o.shown)) AS search
        FROM machine m LEFT JOIN placed p ON m.id = p.machine LEFT JOIN zoned z ON m.id = z.machine
            LEFT JOIN owned o ON m.owner = o.owner""",
        {name: relation(name, home.lake.files(name)) for name in ("machine", "track")},
        lambda connection: _prepare(connection, _zones(home)),
    )


def append_positions(home: Home, rows: pa.Table, import_id: str) -> int:
    """Take positions in (see :func:`shuzhi.store.tracks.append`); number of new ones."""
    return tracks.append(home, rows, import_id, serve)


def known(home: Home) -> set[str]:
    """Label numbers of all machines that the register has or had; asked of the lake, for a serving copy may be due."""
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT DISTINCT id FROM ({relation('machine', home.lake.files('machine'))})")
        return {id for (id,) in rows.fetchall()}


def search(
    home: Home, scope: Scope, selection: Selection, order: str = "seen_at", descending: bool = True, **part
) -> Found:
    """A page of the chosen machines, in order (one of ``ORDERS``); machines without a value come last.

    ``part``: ``limit``, ``offset`` and ``columns`` as of :func:`shuzhi.registry.listing.page`.
    """
    by = order if order in ORDERS else "seen_at"
    return listing.page(home, scope, REGISTER, selection, by, descending, **{"columns": _COLUMNS} | part)


def facets(home: Home, scope: Scope, selection: Selection) -> dict[str, pd.Series]:
    """How many machines each value would give, by facet of ``FACETS``; a facet is counted without its own choice."""
    chosen = home.engine.held(REGISTER, selection, scope)
    return {name: chosen.counts(chosen.columns.coded(name), chosen.without(name)) for name in FACETS}


def counts(home: Home, scope: Scope, selection: Selection, by: str) -> pd.Series:
    """Number of chosen machines by a facet or by ``power`` (lower end of the band, kW), most first."""
    chosen = home.engine.held(REGISTER, selection, scope)
    return chosen.counts(chosen.columns.banded(by, POWER_BANDS) if by == "power" else chosen.columns.coded(by))


def cells(home: Home, scope: Scope, selection: Selection) -> pd.DataFrame:
    """Chosen machines by cell of about a square kilometre: lon and lat of its middle, n."""
    return home.engine.held(REGISTER, selection, scope).cells(())


def crossed(home: Home, scope: Scope, selection: Selection, rows: str, columns: str) -> pd.DataFrame:
    """Number of chosen machines by two facets of ``type``, ``stage``, ``fuel`` and ``unit``; a column each value."""
    if not {rows, columns} <= {"type", "stage", "fuel", "unit"}:
        raise NotFoundError(f"machines can't be counted by {rows} and {columns}")
    chosen = home.engine.held(REGISTER, selection, scope)
    return chosen.crossed(chosen.columns.coded(rows), chosen.columns.coded(columns))


def machine(home: Home, scope: Scope, id: str) -> pd.Series:
    """One machine.

    Raises
    ------
    NotFoundError
        If there is none of this label that may be seen.
    """
    rows = home.engine.choose(REGISTER, "FROM chosen LIMIT 1", Selection.of(id=[id]), scope)
    if rows.empty:
        raise NotFoundError(f"there is no machine “{id[:60]}”")
    return rows.iloc[0]


def history(home: Home, scope: Scope, id: str) -> pd.DataFrame:
    """All rows that a machine has had, oldest first, with ``valid_from`` and ``valid_to``."""
    return listing.history(home, scope, REGISTER, id)


def track(home: Home, scope: Scope, id: str, limit: int = 500) -> pd.DataFrame:
    """The newest positions of a machine that may be seen: time (UTC), lon, lat, newest first."""
    machine(home, scope, id)  # whoever may see the machine may see where it was
    return home.engine.run("machine_track", Scope.all(), machine=id).head(limit)


def nearest(home: Home, scope: Scope, lon: float, lat: float, count: int = 10) -> pd.DataFrame:
    """Machines whose last position is near: id, type, stage, seen_at, lon, lat and distance [m], nearest first."""
    columns = ("id", "type", "stage", "seen_at", "lon", "lat")
    return listing.nearest(home, scope, REGISTER, columns, lon, lat, count, besides="")


def full(home: Home, scope: Scope, id: str) -> pd.Series:
    """One machine, also of the past, with its owner's whole name. That it was opened is an event of the audit.

    Raises
    ------
    ScopeError
        If full records may not be seen.
    NotFoundError
        If there is none of this label that may be seen.
    """
    scope.require(REGISTER, "full")
    every = replace(Selection.of(id=[id]), ever=True)
    rows = home.engine.choose(REGISTER, f"{_WHOLE} ORDER BY chosen.valid_from DESC LIMIT 1", every, scope)
    if rows.empty:
        raise NotFoundError(f"there is no machine “{id[:60]}”")
    audit.record(home, scope.actor, "full", REGISTER, id)
    return rows.iloc[0]


def rows(home: Home, scope: Scope, selection: Selection) -> pa.Table:
    """All chosen rows, for export; owners unmasked where full records may be seen."""
    chosen = _WHOLE if scope.may(REGISTER, "full") else "FROM chosen"
    question = f"SELECT {', '.join(_COLUMNS)} FROM ({chosen}) ORDER BY id"
    return home.engine.choose_arrow(REGISTER, question, selection, scope)


def figures(home: Home, scope: Scope) -> dict[str, int]:
    """Today's machines: ``total``, ``seen`` within 24 hours, ``forbidden`` where they stand."""
    seen, forbidden = (counts(home, scope, Selection(), by) for by in ("seen", "forbidden"))
    return {"total": int(seen.sum()), "seen": int(seen.get("day", 0)), "forbidden": int(forbidden.get("yes", 0))}


def _zones(home: Home) -> pd.DataFrame:
    """Low-emission zones in force today: name, the stages that each forbids, and its outline as WKB."""
    today = pd.Timestamp.now(BEIJING).date().isoformat()
    features = places.layer(home, Scope.all(), "lez")["features"]
    zones = [(f["properties"]["name"], f["properties"]["attributes"], shape(f["geometry"])) for f in features]
    rows = [
        (name, said.get("forbidden_stages", []), shapely.to_wkb(outline))
        for name, said, outline in zones
        if said.get("valid_from", "") <= today < said.get("valid_to", "9999")
    ]
    return pd.DataFrame(rows, columns=["name", "stages", "outline"])


def _prepare(connection, zones: pd.DataFrame) -> None:
    _own(connection)
    _place(connection, zones)


def _own(connection) -> None:
    """Table of owners as they are shown."""
    owners = connection.execute("SELECT DISTINCT owner FROM machine WHERE owner IS NOT NULL").fetchnumpy()["owner"]
    shown = [masks.owner(owner) for owner in owners]
    connection.register(
        "owned", pa.table({"owner": pa.array(owners, pa.string()), "shown": pa.array(shown, pa.string())})
    )


def _place(connection, zones: pd.DataFrame) -> None:
    """Tables of last positions, and of the strictest zone that each lies in."""
    connection.execute(
        """CREATE TABLE placed AS SELECT machine, arg_max(lon, time) AS lon, arg_max(lat, time) AS lat,
        max(time) AS seen_at FROM track GROUP BY machine"""
    )
    connection.execute("CREATE TABLE zoned (machine VARCHAR, zone VARCHAR, stages VARCHAR[])")
    if len(zones):
        table = pa.table(
            {
                "name": pa.array(zones["name"], pa.string()),
                "stages": pa.array(zones["stages"].tolist(), pa.list_(pa.string())),
                "outline": pa.array(zones["outline"].tolist(), pa.binary()),
            }
        )
        connection.register("zones", table)
        connection.execute(
            """INSERT INTO zoned SELECT machine, arg_max(name, len(stages)), arg_max(stages, len(stages))
            FROM placed JOIN (SELECT name, stages, ST_GeomFromWKB(outline) AS area FROM zones) z
            ON ST_Contains(z.area, ST_Point(lon, lat)) GROUP BY machine"""
        )
