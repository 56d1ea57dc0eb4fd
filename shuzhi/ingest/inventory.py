"""Deliveries of the inventory of pollution sources (污染源清单)."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.ingest.cells import Cells, cells_of, where_true, without_repetitions
from shuzhi.ingest.coordinates import System
from shuzhi.ingest.parsed import Parsed
from shuzhi.ingest.rejects import (
    BAD_INDUSTRY,
    BAD_UNIT,
    BROAD_INDUSTRY,
    CODE_CHECK,
    CODE_LENGTH,
    ELSEWHERE,
    NAMELESS,
    NO_ID,
    OTHER_PLACE,
    UNKNOWN_STREET,
)
from shuzhi.ingest.template import Template, load, plain
from shuzhi.ingest.whereabouts import Whereabouts
from shuzhi.registry.names import names_of
from shuzhi.standards import credit_code
from shuzhi.store.schema import DELIVERED, EMISSIONS, TABLES

YEARS = (1990, 2100)


def parse(
    path: Path | str,
    where: Whereabouts,
    template: Template | None = None,
    crs: str | None = None,
    sheet: str | None = None,
) -> Parsed:
    """Read a delivery.

    A cell with a fault goes to quarantine and its row stays; a row without any number and name, or whose number stands
    there already with other content, is rejected. What is doubtful but can be true (a wrong check character, a position
    outside the district stated, an unknown street) is taken, with a warning.

    The id of a source is the number stated, or its permit number, or its credit code (with ``-2``, ``-3`` for further
    sites, in the order of their addresses), or else a hash of name and address: the same in each delivery.

    Parameters
    ----------
    where : Whereabouts
        Places of the home.
    template : Template, optional
        What the columns mean; by default the usual names.
    crs : str, optional
        Coordinate system, if it is not that of the template or WGS 84.
    sheet : str, optional
        Sheet or layer of a file that has several.

    Returns
    -------
    Parsed
        ``rows``: pyarrow.Table with ``schema.DELIVERED['source']``; ids unique.

    Raises
    ------
    InputError
        If the file can't be read, a needed column is missing, or a column does not hold what its header says.
    """
    template = template or load("inventory")
    system = System(crs or template.crs)
    cells = cells_of(path, template, ("id", "name", "credit_code"), sheet)
    columns = _identity(cells) | _place(cells, where, system) | _amounts(cells)
    columns["id"], repeated = _ids(columns, cells)
    rows = pa.table({field: columns[field] for field in DELIVERED["source"]}, schema=_SCHEMA)
    rows, more = without_repetitions(rows, cells, "id")
    return cells.parsed(rows, repeated + more)


_SCHEMA = pa.schema([TABLES["source"].schema.field(name) for name in DELIVERED["source"]])
_PERMIT = r"^[0-9A-Z]{18}[0-9]{3}[A-Z]$"


def _identity(cells: Cells) -> dict[str, pa.Array]:
    """Who it is and what it does."""
    permit = cells.code("permit_code")
    odd = pc.invert(pc.match_substring_regex(permit, _PERMIT))
    cells.warn(where_true(odd), "permit_code", CODE_LENGTH)
    name = cells.text("name")
    cells.warn(where_true(pc.and_(pc.is_null(name), pc.is_valid(_stated(cells)))), "name", NAMELESS)
    industry = _industry(cells)
    cells.warn(where_true(pc.less(pc.utf8_length(industry), 4)), "industry", BROAD_INDUSTRY)
    return {
        "name": name,
        "credit_code": _credit_codes(cells),
        "permit_code": permit,
        "industry": industry,
        "permit_class": cells.listed("permit_class", "permit_classes"),
        "status": cells.listed("status", "statuses"),
    }


def _industry(cells: Cells) -> pa.Array:
    """Codes of industries. In a column of four digits three are a code that lost its zero: 313 is 0313, pigs."""
    digits = pc.match_substring_regex(cells.text("industry"), r"^\d{3,4}$")
    four = pc.match_substring_regex(cells.text("industry"), r"^\d{4}$")
    lost_zeros = (pc.sum(four).as_py() or 0) > 0.5 * (pc.sum(digits).as_py() or 0)

    def meaning(text: str) -> str | None:
        whole = industry_named("0" + text) if lost_zeros and len(text) == 3 and text.isdigit() else None
        return whole or industry_named(text)

    return cells.meant("industry", meaning, BAD_INDUSTRY, "a code or name of GB/T 4754-2017 is needed")


def _stated(cells: Cells) -> pa.Array:
    return pc.coalesce(cells.text("id"), cells.text("permit_code"), cells.text("credit_code"))


def _credit_codes(cells: Cells) -> pa.Array:
    codes = cells.code("credit_code")
    faults = np.where(pc.is_valid(codes), credit_code.faults(codes), credit_code.GOOD)
    cells.warn(np.flatnonzero(faults == credit_code.WRONG_LENGTH), "credit_code", CODE_LENGTH)
    cells.warn(np.flatnonzero(faults > credit_code.WRONG_LENGTH), "credit_code", CODE_CHECK)
    return codes


def _amounts(cells: Cells) -> dict[str, pa.Array]:
    """Emissions in t/a, NaN where not stated, and their year."""
    year = cells.whole("year", *YEARS)
    if "year" not in cells and cells.year:
        year = pa.repeat(pa.scalar(cells.year, pa.int16()), len(cells))
    highest = names_of("pollutants")["highest"].astype(float)
    amounts = {name: cells.amounts(name, highest[name], "t/a") for name in EMISSIONS}
    return {"year": year, **{name: pa.array(values, from_pandas=True) for name, values in amounts.items()}}


def _place(cells: Cells, where: Whereabouts, system: System) -> dict[str, pa.Array]:
    """Where it is. A known street decides unit and district; a zone stated as district is the unit."""
    lon, lat = cells.position(system)
    detail = "one of the city's districts and functional zones is needed"
    unit = cells.meant("unit", where.unit_named, BAD_UNIT, detail).to_pandas()
    district = cells.meant("district", where.unit_named, BAD_UNIT, detail).to_pandas()
    street, by_street = _streets(cells, where)
    zone = district.isin(where.zones)
    for stated in (unit, district):
        other = stated.notna() & by_street["unit"].notna() & (stated != by_street["unit"])
        other &= stated != by_street["district"]
        cells.warn(np.flatnonzero(other), "street", OTHER_PLACE)
    at = pd.Series(where.district_at(lon, lat), dtype=object)
    named = by_street["district"].fillna(district.mask(zone)).fillna(unit.mask(unit.isin(where.zones)))
    cells.warn(np.flatnonzero(~np.isnan(lon) & named.notna() & (named != at)), "lon", ELSEWHERE)
    managing = by_street["unit"].fillna(unit).fillna(district)
    open_ = np.flatnonzero(managing.isna() & ~np.isnan(lon))
    managing.iloc[open_] = where.unit_at(lon[open_], lat[open_])
    return {
        "unit": _text(managing),
        "district": _text(named.fillna(at)),
        "street": street,
        "address": cells.text("address"),
        "lon": pa.array(lon, from_pandas=True),
        "lat": pa.array(lat, from_pandas=True),
    }


def _streets(cells: Cells, where: Whereabouts) -> tuple[pa.Array, pd.DataFrame]:
    """Streets by the names of the register, unknown ones as they stand; and what the register says of each."""
    stated = cells.text("street").dictionary_encode()
    words = stated.dictionary.to_pylist()
    known = [where.street_named(word) for word in words]
    names = pa.array([name or word for name, word in zip(known, words, strict=True)], pa.string())
    about = where.streets.reindex(known)
    placed = {field: _text(about[field]).take(stated.indices).to_pandas() for field in ("unit", "district")}
    if len(where.streets):
        unknown = pc.and_(pc.is_valid(stated), pc.is_null(_text(pd.Series(known, dtype=object)).take(stated.indices)))
        cells.warn(where_true(unknown), "street", UNKNOWN_STREET)
    elif words:
        cells.notes.append("the home has no layer of streets; they are kept as they stand, and units as districts say")
    return names.take(stated.indices), pd.DataFrame(placed)


def _ids(columns: dict, cells: Cells) -> tuple[pa.Array, int]:
    """The id of each row, null for rows that are rejected or repeat another one; and the number of the latter."""
    stated, permit, credit = cells.text("id"), columns["permit_code"], columns["credit_code"]
    permit = pc.if_else(pc.match_substring_regex(permit, _PERMIT), permit, None)
    well_formed = np.isin(
        credit_code.faults(credit), (credit_code.WRONG_LENGTH, credit_code.WRONG_CHARACTER), invert=True
    )
    credit = pc.if_else(pa.array(well_formed), credit, None)
    ids = pc.coalesce(stated, permit)
    sites, repeated = _sites(pc.if_else(pc.is_null(ids), credit, None), columns)
    ids = pc.coalesce(ids, sites)
    open_ = where_true(pc.and_(pc.is_null(ids), pa.array(~repeated)))
    hashed = np.full(len(cells), None, dtype=object)
    known = (
        pc.coalesce(columns["name"], columns["credit_code"], columns["permit_code"]).take(pa.array(open_)).to_pylist()
    )
    addresses = columns["address"].take(pa.array(open_)).to_pylist()
    hashed[open_] = [name and _hash(f"{name}|{address or ''}") for name, address in zip(known, addresses, strict=True)]
    ids = pc.coalesce(ids, pa.array(hashed, pa.string()))
    nobody = pc.and_(pc.is_null(ids), pa.array(~repeated))
    cells.reject(where_true(nobody), None, NO_ID, "a row needs a name, a credit code or a number of its own")
    return ids, int(repeated.sum())


def _sites(credit: pa.Array, columns: dict) -> tuple[pa.Array, np.ndarray]:
    """Credit codes told apart where several rows have one: code, code-2, … by address; equal rows have no id."""
    codes = credit.to_pandas()
    shared = np.flatnonzero(codes.notna() & codes.duplicated(keep=False))
    repeated = np.zeros(len(codes), dtype=bool)
    if not len(shared):
        return credit, repeated
    at = pa.array(shared)
    content = pd.DataFrame({name: pa.array(column).take(at).to_pandas() for name, column in columns.items()})
    content = content.set_axis(shared)
    repeated[shared[content.duplicated().to_numpy()]] = True
    sites = content[~content.duplicated()].sort_values(["credit_code", "address", "name"], kind="stable")
    number = sites.groupby("credit_code").cumcount() + 1
    further = number[number > 1]
    codes[further.index] = codes[further.index] + "-" + further.astype(str)
    codes[repeated] = None
    return _text(codes), repeated


def _hash(text: str) -> str:
    return "n" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _text(column: pd.Series) -> pa.Array:
    return pa.array(column, pa.string(), from_pandas=True)


def industry_named(text: str) -> str | None:
    """The code of an industry (GB/T 4754-2017) that a text means by code or name, as exactly as it says; or None.

    ``C3011``, ``3011 水泥制造``, ``水泥制造`` and ``111`` without its leading zero are understood; a group or division
    that has one class is that class.
    """
    folded = plain(text)
    digits = re.match(r"[a-t]?(\d{1,4})(?!\d)", folded)
    codes, by_name, only_child = _industries()
    if digits is None:
        code = by_name.get(folded)
    else:
        given = digits[1]
        code = next((form for form in (given, given.zfill(2), given.zfill(4)) if form in codes), None)
    while code in only_child:
        code = only_child[code]
    return code


@cache
def _industries() -> tuple[frozenset[str], Mapping[str, str], Mapping[str, str]]:
    """Codes below the sections, codes by name (the most exact first), and the child of those that have but one."""
    table = names_of("industries").reset_index()
    table = table[table["level"] != "1"].sort_values("level", ascending=False, kind="stable")
    by_name = {}
    for code, name in zip(table["code"], table["name_zh"], strict=True):
        by_name.setdefault(plain(name), code)
    children = table.groupby("parent")["code"].agg(list)
    only = {parent: codes[0] for parent, codes in children.items() if len(codes) == 1 and parent.isdigit()}
    return frozenset(table["code"]), by_name, only
