"""Deliveries of the register of non-road mobile machines (非道路移动机械)."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from shuzhi.ingest.cells import Cells, cells_of, where_true, without_repetitions, words_of
from shuzhi.ingest.parsed import Parsed
from shuzhi.ingest.rejects import BAD_UNIT, CODE_LENGTH, NO_LABEL, OTHER_TYPE
from shuzhi.ingest.template import Template, load, plain
from shuzhi.ingest.whereabouts import Whereabouts
from shuzhi.registry.names import names_of
from shuzhi.store.schema import DELIVERED, TABLES

CODE_CHARACTERS = 17
"""Of a 机械环保代码 (HJ 1014-2020)."""
HIGHEST_POWER = 5000
"""kW; the largest engines of mining trucks have less."""


def parse(path: Path | str, where: Whereabouts, template: Template | None = None, sheet: str | None = None) -> Parsed:
    """Read a delivery.

    A cell with a fault goes to quarantine and its row stays; a row without label number and environmental code, or
    whose label stands there already with other content, is rejected. A type that no list knows is taken as other.

    Parameters
    ----------
    where : Whereabouts
        Places of the home.
    template : Template, optional
        What the columns mean; by default the usual names.
    sheet : str, optional
        Sheet or layer of a file that has several.

    Returns
    -------
    Parsed
        ``rows``: pyarrow.Table with ``schema.DELIVERED['machine']``; ids unique.

    Raises
    ------
    InputError
        If the file can't be read, a needed column is missing, or a column does not hold what its header says.
    """
    cells = cells_of(path, template or load("machines"), ("id", "code"), sheet)
    code = cells.code("code")
    cells.warn(where_true(pc.not_equal(pc.utf8_length(code), CODE_CHARACTERS)), "code", CODE_LENGTH)
    label = pc.coalesce(cells.code("id"), code)
    cells.reject(where_true(pc.is_null(label)), None, NO_LABEL, "a row needs its label number")
    fuel = cells.listed("fuel", "fuels")
    columns = {
        "id": label,
        "code": code,
        "type": _types(cells),
        "maker": cells.text("maker"),
        "model": cells.text("model"),
        "power": pa.array(cells.amounts("power", HIGHEST_POWER, "kW"), from_pandas=True),
        "stage": _stages(cells, fuel),
        "fuel": fuel,
        "owner": cells.text("owner"),
        "unit": cells.meant("unit", where.unit_named, BAD_UNIT, "one of the city's units is needed"),
    }
    rows, repeated = without_repetitions(pa.table(columns, schema=_SCHEMA), cells, "id")
    return cells.parsed(rows, repeated)


_SCHEMA = pa.schema([TABLES["machine"].schema.field(name) for name in DELIVERED["machine"]])


def _types(cells: Cells) -> pa.Array:
    """Types by the words of the list, or by a name of the list that a word contains (小型挖掘机)."""
    words = words_of("machine_types")
    names = {plain(name): code for code, name in names_of("machine_types")["name_zh"].items() if code != "other"}

    def meaning(word: str) -> str:
        word = plain(word)
        return words.get(word) or next((code for name, code in names.items() if name in word), "unlisted")

    found = cells.meant("type", meaning, OTHER_TYPE)
    unlisted = pc.equal(found, "unlisted")
    cells.warn(where_true(unlisted), "type", OTHER_TYPE)
    return pc.if_else(unlisted, "other", found)


def _stages(cells: Cells, fuel: pa.Array) -> pa.Array:
    """Emission stages; an electric machine has none to state, what else states none is unknown."""
    return pc.fill_null(pc.coalesce(cells.listed("stage", "stages"), _electric(fuel)), "unknown")


def _electric(fuel: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(fuel, "electric"), pa.scalar("electric"), pa.scalar(None, pa.string()))
