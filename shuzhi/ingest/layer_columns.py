"""What the columns of a layer say of its places: names, units, stages that a zone forbids, where a river flows to."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from shuzhi.errors import InputError

_NAMES = ("name", "名称")
_MORE_NAMES = {
    "district": ("xzqmc", "区县", "区划名称", "mc"),
    "zone": ("功能区", "区划名称", "mc"),
    "street": ("街道", "街道名称", "镇街", "乡镇", "乡镇街道", "xzqmc", "mc"),
    "grid": ("网格名称", "网格", "网格编码", "网格编号", "mc"),
    "river": ("河流名称", "河流", "hlmc", "mc"),
    "lez": ("区域名称", "低排区", "禁用区", "mc"),
    "outlet": ("排口名称", "入河排口", "入河排污口", "mc"),
}
_PARENTS = {"street": ("所属区县", "区县", "district"), "grid": ("所属街道", "街道", "镇街", "street")}
_CODES = ("code", "adcode", "代码", "编码", "xzqdm", "行政区划代码", "网格编码", "排口编码", "河流代码", "pac", "dm")
_UNITS = ("unit", "管理单位", "所属单位", "主管单位")
_ATTRIBUTES = {
    "river": {"to": ("to", "下游", "汇入", "流入"), "flow": ("flow", "流向")},
    "lez": {
        "forbidden_stages": ("forbidden_stages", "禁止阶段", "禁用阶段"),
        "valid_from": ("valid_from", "生效日期", "开始日期", "施行日期"),
        "valid_to": ("valid_to", "失效日期", "结束日期"),
    },
    "outlet": {"river": ("river", "河流", "受纳水体"), "type": ("type", "排口类型", "类型")},
}
_ENGLISH = ("name_en", "英文名称")
_JSON = "attributes"
_SHAPEFILE_BYTES = 10  # a Shapefile cuts its column names there

_AGAINST = {"正向": False, "顺": False, "顺向": False, "1": False, "反向": True, "逆": True, "逆向": True, "-1": True}
STAGES = ("0", "1", "2", "3", "4")
"""Emission stages of non-road machines: 0 before stage Ⅰ, then stages Ⅰ to Ⅳ."""
_STAGE_WORDS = dict(zip("零0〇一1Ⅰ二2Ⅱ三3Ⅲ四4Ⅳ", "000111222333444", strict=True))
_ROMAN = {"IV": "Ⅳ", "III": "Ⅲ", "II": "Ⅱ", "I": "Ⅰ"}


@dataclass(frozen=True)
class Columns:
    """Which column says what; by default usual names are found.

    Attributes
    ----------
    name, code, parent, unit : str, optional
    attributes : mapping
        Name of an attribute → its column: of those that the kind knows (``to``, ``flow``, ``forbidden_stages``,
        ``valid_from``, ``valid_to`` …), or any other that is to be kept.
    """

    name: str | None = None
    code: str | None = None
    parent: str | None = None
    unit: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """What the columns say of one feature; ``against``: a river's vertices run upstream."""

    name: str
    code: str | None
    parent: str | None
    unit: str | None
    attributes: dict
    against: bool = False


def read_columns(table: pd.DataFrame, path: Path, kind: str, columns: Columns) -> list[Said]:
    """What the columns of a layer say, feature by feature.

    Raises
    ------
    InputError
        If there is no name, a column that was asked for is missing, or a cell can't be understood.
    """
    return [feature.said() for feature in _Reader(table, path, kind, columns).features()]


class _Reader:
    """Finds the columns of a table."""

    def __init__(self, table: pd.DataFrame, path: Path, kind: str, columns: Columns):
        self._table, self._path, self._kind = table, path, kind
        names = self._find(columns.name, (*_NAMES, *_MORE_NAMES[kind]))
        if names is None:
            raise InputError(f"no column of names; choose one with --name-column: {self._listed()}", file=path)
        self._roles = {
            "name": names,
            "code": self._find(columns.code, _CODES),
            "parent": self._find(columns.parent, ("parent", *_PARENTS.get(kind, ()))),
            "unit": self._find(columns.unit, _UNITS),
        }
        if self._roles["parent"] == names:
            self._roles["parent"] = None
        usual = {"name_en": _ENGLISH, **_ATTRIBUTES.get(kind, {})}
        asked = dict(columns.attributes)
        found = {key: self._find(asked.pop(key, None), names) for key, names in usual.items()}
        found |= {key: self._find(column, ()) for key, column in asked.items()}
        self._attributes = {key: column for key, column in found.items() if column is not None and column != names}
        self._json = self._find(None, (_JSON,))

    def features(self) -> list["_Feature"]:
        rows = self._table.drop(columns=self._table.geometry.name).to_dict("records")
        return [
            _Feature(self, number, {name: _plain(cell) for name, cell in row.items()})
            for number, row in enumerate(rows, 1)
        ]

    @property
    def kind(self) -> str:
        return self._kind

    def column(self, role: str) -> str | None:
        return self._roles.get(role) or self._attributes.get(role)

    @property
    def attributes(self) -> dict[str, str]:
        return self._attributes

    def given(self, cells: dict) -> dict:
        """Attributes that come as one JSON object."""
        text = cells.get(self._json) if self._json else None
        if isinstance(text, str) and text.strip():
            try:
                text = json.loads(text)
            except ValueError:
                return {}
        return dict(text) if isinstance(text, dict) else {}

    def error(self, what: str, column: str | None = None) -> InputError:
        return InputError(what, file=self._path, column=column)

    def _find(self, asked: str | None, usual: tuple[str, ...]) -> str | None:
        if asked is not None and asked not in self._table.columns:
            raise InputError(f"there is no column '{asked}'; it has {self._listed()}", file=self._path)
        by_lower = {str(name).lower(): name for name in self._table.columns}
        possible = [each for name in usual for each in (name, _cut(name))]
        return asked or next((by_lower[name] for name in possible if name in by_lower), None)

    def _listed(self) -> str:
        return ", ".join(str(name) for name in self._table.columns if name != self._table.geometry.name)


class _Feature:
    """Reads the cells of one feature."""

    def __init__(self, reader: _Reader, number: int, cells: dict):
        self._reader, self._number, self._cells = reader, number, cells

    def said(self) -> Said:
        name = self._text("name")
        if not name and self._reader.kind != "river":
            raise self._reader.error(f"feature {self._number} has no name", self._reader.column("name"))
        attributes = self._reader.given(self._cells)
        attributes |= {key: self._attribute(key) for key in self._reader.attributes if key != "flow"}
        if self._reader.kind == "lez":
            attributes["forbidden_stages"] = self._forbidden(attributes.get("forbidden_stages"))
        attributes = {key: value for key, value in attributes.items() if value not in (None, "")}
        roles = [self._text(role) or None for role in ("code", "parent", "unit")]
        return Said(name, *roles, attributes, self._against())

    def _attribute(self, key: str):
        if key in ("valid_from", "valid_to"):
            return self._day(key)
        if key == "forbidden_stages":
            return self._cells[self._reader.column(key)]
        return self._text(key)

    def _text(self, role: str) -> str:
        column = self._reader.column(role)
        return "" if column is None else cell_text(self._cells[column])

    def _forbidden(self, cell) -> list[str]:
        column = self._reader.column("forbidden_stages")
        if cell is None or cell_text(cell) == "":
            raise self._reader.error(f"{self._called()} does not say which stages it forbids (禁止阶段)", column)
        found = stages(cell)
        if found is None:
            raise self._reader.error(
                f"{self._called()}: '{cell}' are no stages; write for example 0,1,2 or 国二及以下", column
            )
        return found

    def _day(self, key: str) -> str | None:
        column = self._reader.column(key)
        cell = self._cells[column]
        text = re.sub(r"[年月/.]", "-", cell_text(cell)).rstrip("日")
        day = pd.to_datetime(text, errors="coerce") if text else pd.NaT
        if text and pd.isna(day):
            raise self._reader.error(f"{self._called()}: '{cell}' is no date; write for example 2026-01-31", column)
        return f"{day:%Y-%m-%d}" if text else None

    def _against(self) -> bool:
        text = self._text("flow")
        if text and text not in _AGAINST:
            raise self._reader.error(
                f"{self._called()}: flow '{text}'; use 正向 (the vertices run downstream) or 反向 (upstream)",
                self._reader.column("flow"),
            )
        return bool(text) and _AGAINST[text]

    def _called(self) -> str:
        return f"feature {self._number} ({self._text('name')})"


def stages(cell) -> list[str] | None:
    """Stages of non-road machines that a cell names, as codes in `STAGES`; None where it can't be understood.

    Understood are lists (``["0", "1"]``, ``0,1``), 国零、国Ⅰ、国二, and 国二及以下.
    """
    text = cell_text(cell).upper() if not isinstance(cell, (list, tuple)) else ",".join(map(str, cell))
    for roman, sign in _ROMAN.items():
        text = text.replace(roman, sign)
    below = re.fullmatch(r"(?:国|第)?(\w)(?:阶段)?及?其?以下.*", text)
    if below:
        highest = _STAGE_WORDS.get(below.group(1))
        return None if highest is None else list(STAGES[: int(highest) + 1])
    words = [re.sub(r"[国第阶段\[\]\"'\s]", "", word) for word in re.split(r"[,，、;；/]", text)]
    found = {_STAGE_WORDS.get(word) for word in words}
    return None if None in found else sorted(found)


def cell_text(value) -> str:
    """A cell as text; codes that were read as numbers lose their ``.0``."""
    if value is None or (not isinstance(value, (list, tuple, dict)) and pd.isna(value)):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _plain(cell):
    """A list of GeoJSON comes as an array."""
    return cell.tolist() if isinstance(cell, np.ndarray) else cell


def _cut(name: str) -> str:
    """A name as a Shapefile in UTF-8 keeps it."""
    return name.encode()[:_SHAPEFILE_BYTES].decode(errors="ignore")
