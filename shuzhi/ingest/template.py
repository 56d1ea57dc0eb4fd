"""Templates: which column of a delivery means what (列对照模板).

A register has a built-in template (``data/templates/*.csv``) with the usual Chinese names. A delivery that calls its
columns otherwise comes with one of its own, a csv with the columns

- ``field`` – what is meant, as in the built-in template;
- ``names`` – names of the column, separated by ``|``; they come before the usual ones;
- ``unit`` – of an amount whose header names none: t, kg, g or 万t;
- ``values`` – what its words mean: ``A类=key|B类=simplified``.

A row whose field is ``crs`` has the coordinate system in ``values``.
"""

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pandas as pd

from shuzhi.errors import InputError
from shuzhi.ingest.files import read
from shuzhi.ingest.rejects import Rejects
from shuzhi.ingest.sheet import read_sheet
from shuzhi.settings import DATA

FOLDER = DATA / "templates"
REGISTERS = ("inventory", "machines", "positions")

_COLUMNS = {name: (name,) for name in ("field", "names", "unit", "values")}
_BRACKETS = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_YEAR = re.compile(r"^((?:19|20)\d\d)年?度?(?=\D)")
_AMOUNT = re.compile(r"(?:年度?|全年)?(?:实际)?排放总?量$")
_NOISE = re.compile(r"[\s*:_\"'“”]+")


@dataclass(frozen=True)
class Field:
    """How one column of a register is found and read.

    Attributes
    ----------
    names : tuple of str
        Names that mean it, the best first.
    needed : bool
    unit : str
        Unit where the header names none.
    values : dict
        Words of this delivery → what they mean.
    """

    names: tuple[str, ...]
    needed: bool = False
    unit: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Template:
    """Fields of a register, and the coordinate system of its deliveries (None: WGS 84)."""

    fields: Mapping[str, Field]
    crs: str | None = None


@dataclass(frozen=True)
class Head:
    """A header, taken apart.

    Attributes
    ----------
    name : str
        Without unit, year and noise, in small letters.
    unit : str
        What stands in brackets.
    year : int, optional
    """

    name: str
    unit: str
    year: int | None


@dataclass(frozen=True)
class Match:
    """Which column of a file gives a field: its place, its header as it stands, and its unit as it is named."""

    place: int
    head: str
    unit: str
    year: int | None


def builtin(register: str) -> Template:
    """The template with the usual names of a register."""
    fields = {}
    for row in table(register).itertuples(index=False):
        fields[row.field] = Field(tuple(row.names.split("|")), bool(row.needed), row.unit)
    return Template(fields)


@cache
def table(register: str) -> pd.DataFrame:
    """The built-in template as it stands, with meanings and examples; all text."""
    return pd.read_csv(FOLDER / f"{register}.csv", dtype=str, keep_default_na=False)


def load(register: str, source: Path | str | None = None) -> Template:
    """The built-in template of a register, completed by one that came with a delivery.

    Parameters
    ----------
    source : path or name, optional
        A file, or the name of one in ``data/templates``.

    Raises
    ------
    InputError
        If there is no such file, or it names an unknown field.
    """
    template = builtin(register)
    if source is None:
        return template
    path = Path(source)
    if not path.suffix and (FOLDER / f"{source}.csv").is_file():
        path = FOLDER / f"{source}.csv"
    text = read(path)
    rejects = Rejects(text.name)
    sheet = read_sheet(text, _COLUMNS, ("field",), rejects)
    if rejects:
        raise InputError(f"not a template: {rejects[0].reason}", file=path, line=rejects[0].line)
    for line, cells in zip(sheet.rows.index, sheet.rows.to_dict("records"), strict=True):
        template = _completed(template, cells, path, line)
    return template


def _completed(template: Template, cells: dict[str, str], path: Path, line: int) -> Template:
    name, values = cells["field"], cells.get("values", "")
    if name == "crs":
        return replace(template, crs=values)
    if name not in template.fields:
        known = ", ".join([*template.fields, "crs"])
        raise InputError(f"unknown field “{name}”; use one of {known}", file=path, line=line)
    old = template.fields[name]
    names = tuple(each.strip() for each in cells.get("names", "").split("|") if each.strip())
    pairs = [pair.partition("=") for pair in values.split("|") if pair.strip()]
    unclear = [word for word, mark, code in pairs if not mark or not code.strip()]
    if unclear:
        raise InputError(f"“{unclear[0]}” has no meaning; write it as {unclear[0]}=…", file=path, line=line)
    meanings = {plain(word): code.strip() for word, _mark, code in pairs}
    new = Field(names + old.names, old.needed, cells.get("unit") or old.unit, {**old.values, **meanings})
    return replace(template, fields={**template.fields, name: new})


def plain(text: str) -> str:
    """Text as it is compared: full-width forms folded, small letters, no blanks."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).casefold())


def head(text: str) -> Head:
    """Take a header apart: ``2024年颗粒物排放量（吨）`` → 颗粒物, 吨, 2024."""
    folded = plain(text)
    units = _BRACKETS.findall(folded)
    name = _BRACKETS.sub("", folded)
    year = _YEAR.match(name)
    if year:
        name = name[year.end() :]
    return Head(_AMOUNT.sub("", name) or name, units[-1] if units else "", int(year[1]) if year else None)


class Matcher:
    """Finds the columns of a file by their headers."""

    def __init__(self, template: Template):
        self._template = template
        self._meaning: dict[str, tuple[str, int]] = {}
        for name, known in template.fields.items():
            for rank, alias in enumerate(known.names):
                for form in (plain(alias), head(alias).name):
                    self._meaning.setdefault(form, (name, rank))

    def field_of(self, text: str) -> str | None:
        """The field that a header means."""
        found = self._found(text)
        return found[0] if found else None

    def match(self, heads: Sequence[str], places: Mapping[str, object]) -> tuple[dict[str, Match], list[str]]:
        """Which column gives which field, and the headers that give none.

        Of two columns that mean the same field the one with the better name is taken.

        Parameters
        ----------
        heads : sequence of str
        places : mapping
            Where the header stands (file, line), for messages.

        Raises
        ------
        InputError
            If a needed column is missing, or there twice under one name.
        """
        best: dict[str, tuple[int, int]] = {}
        for place, text in enumerate(heads):
            found = self._found(text)
            if found is None:
                continue
            name, rank = found
            if name in best and best[name][0] == rank:
                first = best[name][1]
                raise InputError(
                    f"columns {first + 1} and {place + 1} both give {name} ({heads[first]}, {text}); keep one",
                    column=place + 1,
                    **places,
                )
            best[name] = min(best.get(name, (rank, place)), (rank, place))
        taken = {place for _rank, place in best.values()}
        missing = [name for name, known in self._template.fields.items() if known.needed and name not in best]
        if missing:
            self._refuse(heads, missing, taken, places)
        matches = {name: self._match(heads, place) for name, (_rank, place) in best.items()}
        return matches, [text for place, text in enumerate(heads) if place not in taken and text.strip()]

    def _found(self, text: str) -> tuple[str, int] | None:
        return self._meaning.get(plain(text)) or self._meaning.get(head(text).name)

    @staticmethod
    def _match(heads: Sequence[str], place: int) -> Match:
        parts = head(heads[place])
        return Match(place, heads[place], parts.unit, parts.year)

    def _refuse(self, heads: Sequence[str], missing: list[str], taken: set[int], places) -> None:
        strange = [place for place, text in enumerate(heads) if place not in taken and text.strip()]
        hint = self._hint(heads, strange, missing)
        wanted = "; ".join(" / ".join(self._template.fields[name].names[:3]) for name in missing)
        found = ", ".join(text for text in heads if text.strip())[:300]
        raise InputError(
            f"columns missing: {wanted}. Found: {found}.{hint} Correct the header, or name its columns in a template "
            "(--template)",
            column=strange[0] + 1 if strange else None,
            **places,
        )

    def _hint(self, heads: Sequence[str], strange: list[int], missing: list[str]) -> str:
        wanted = {plain(alias): alias for name in missing for alias in self._template.fields[name].names}
        for place in strange:
            close = difflib.get_close_matches(head(heads[place]).name, list(wanted), n=1)
            if close:
                return f" Column {place + 1} “{heads[place]}” looks like “{wanted[close[0]]}”."
        return ""
