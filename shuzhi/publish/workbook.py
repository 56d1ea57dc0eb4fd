"""A document's numbers as an Excel workbook: text, figures, days, stations, and where each number comes from (依据)."""

import pandas as pd

from shuzhi.i18n import _
from shuzhi.publish import tables
from shuzhi.publish.document import Document
from shuzhi.publish.facts import Fact
from shuzhi.publish.layout import Grid, grids
from shuzhi.publish.period import spoken
from shuzhi.standards.factors import factors
from shuzhi.standards.levels import levels
from shuzhi.store.schema import DAY_ITEMS


def to_xlsx(document: Document) -> bytes:
    """The document as a workbook. Text is written as text: none of it can become a formula."""
    notes = _notes(document)
    sheets = [tables.Sheet(_("正文"), notes, _texts(document), widths=(18, 100, 20))]
    sheets += [tables.Sheet(_SHEET[grid.key](), [(_("说明"), grid.caption)], _frame(grid)) for grid in grids(document)]
    sheets.append(tables.Sheet(_("逐日"), [], tables.daily_table(document.figures.daily)))
    sheets.append(tables.Sheet(_("站点"), [], _stations(document)))
    sheets.append(
        tables.Sheet(_("依据"), [(_("说明"), _("文中每个数字所用的命名查询、参数、时段和数据时间"))], _facts(document))
    )
    return tables.to_xlsx(sheets)


_SHEET = {"items": lambda: _("六项污染物"), "districts": lambda: _("区县")}


def _notes(document: Document) -> list[tuple[str, str]]:
    notes = [
        (_("标题"), document.title.text),
        (_("时段"), spoken(document.figures.period)),
        (_("数据"), document.mark),
        (_("数据时间"), document.dateline),
    ]
    return notes + [(_("说明"), note) for note in document.notes]


def _texts(document: Document) -> pd.DataFrame:
    rows = [
        {
            _("段落"): paragraph.heading or (_("标题") if paragraph.key == "title" else _("导语")),
            _("文字"): paragraph.text,
            _("核对"): _checked(paragraph),
        }
        for paragraph in (document.title, *document.shown)
    ]
    return pd.DataFrame(rows, dtype=object)


def _checked(paragraph) -> str:
    if paragraph.difference:
        return _("文中数字与数据不一致")
    return _("已改写") if paragraph.edited is not None else _("由数据生成")


def _frame(grid: Grid) -> pd.DataFrame:
    """The table of a document with its numbers as numbers."""
    rows = [[*row[: grid.words], *(_as_number(cell) for cell in row[grid.words :])] for row in grid.rows]
    return pd.DataFrame(rows, columns=list(grid.heads), dtype=object)


def _as_number(text: str) -> float | None:
    return None if text == "–" else float(text.replace("−", "-"))


def _stations(document: Document) -> pd.DataFrame:
    stations, known = document.figures.stations, factors()
    names = levels().set_index("level")[f"name_{document.language}"]
    table = {
        _("站点编码"): stations["code"],
        _("站点"): stations["name"],
        _("区县"): [document.names.get(name, name) or "" for name in stations["district"].fillna("")],
        _("城市评价点"): [_("是") if one else _("否") for one in stations["evaluation"]],
        _("有效天数"): stations["days"],
        _("日AQI中位数"): stations["aqi"],
        _("级别"): stations["level"].map(names).fillna(""),
    }
    for item in DAY_ITEMS:
        table[f"{known.at[item, 'symbol']} ({known.at[item, 'unit']})"] = stations[item]
    return pd.DataFrame({name: pd.Series(list(values), dtype=object) for name, values in table.items()})


def _facts(document: Document) -> pd.DataFrame:
    rows = []
    for paragraph in document.every:
        missing = paragraph.difference.missing
        for fact in (part for part in paragraph.made if isinstance(part, Fact)):
            rows.append({_("段落"): paragraph.heading or _("导语"), **fact_row(fact), _("在文中"): fact not in missing})
    table = pd.DataFrame(rows, dtype=object)
    if len(table):
        table[_("在文中")] = [_("是") if one else _("否") for one in table[_("在文中")]]
    return table


def fact_row(fact: Fact) -> dict:
    """A number and where it comes from, with heads for people."""
    source = fact.source
    return {
        _("指标名称"): fact.label,
        _("文中"): fact.text,
        _("数值"): fact.value,
        _("单位"): fact.unit,
        _("算法"): fact.method,
        _("命名查询"): source.query,
        _("参数"): ", ".join(f"{name}={text}" for name, text in source.parameters),
        _("首日"): source.first,
        _("末日"): source.last,
        _("数据时间"): "" if source.as_of is None else f"{source.as_of:%Y-%m-%d %H:%M:%S}",
    }
