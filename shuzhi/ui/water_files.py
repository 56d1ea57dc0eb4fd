"""Files of the page 水环境 to download: made when asked for, in the language of the page."""

from collections.abc import Callable
from functools import partial

import pandas as pd

from shuzhi import i18n
from shuzhi.i18n import _, when
from shuzhi.publish import tables
from shuzhi.settings import BEIJING
from shuzhi.standards import water as law
from shuzhi.status import water
from shuzhi.status import water_words as words
from shuzhi.status.water_overview import Overview
from shuzhi.store.schema import CLASS_PUBLISHED, WATER_ITEMS
from shuzhi.ui import state
from shuzhi.ui import water as view
from shuzhi.ui.downloads import Offer, file_name, later


def offers(ctx: state.Context, at: pd.Timestamp, basis: str, code: str | None, days: int) -> list[Offer]:
    """The files of the page as it is shown; those of the chosen section too."""

    def offer(text: str, name: str, mime: str, make: Callable, *arguments) -> Offer:
        return Offer(text, name, mime, later(ctx, "water", name, partial(make, ctx, at, *arguments)))

    moment, whole = f"{at:%Y%m%dT%H%M}", _("断面、河流、区县、湖库（Excel）")
    found = [
        offer(_("全部断面（CSV）"), f"water_{moment}.csv", tables.CSV_TYPE, sections_csv, basis),
        offer(whole, f"water_{moment}.xlsx", tables.XLSX_TYPE, workbook, basis, code, days),
    ]
    if code:
        name = file_name(code, f"{days}d_{moment}", "csv")
        found.append(offer(_("这个断面的读数（CSV）"), name, tables.CSV_TYPE, readings_csv, code, days))
    return found


def sections_csv(ctx: state.Context, at: pd.Timestamp, basis: str) -> bytes:
    """All sections as CSV."""
    return tables.to_csv(sections_table(_seen(ctx, at, basis)))


def readings_csv(ctx: state.Context, at: pd.Timestamp, code: str, days: int) -> bytes:
    """Readings of a section as CSV."""
    return tables.to_csv(readings_table(_readings(ctx, at, code, days)))


def workbook(ctx: state.Context, at: pd.Timestamp, basis: str, code: str | None, days: int) -> bytes:
    """Sections, rivers, districts and lakes as sheets of a workbook, and the readings of the chosen section."""
    seen = _seen(ctx, at, basis)
    notes = _notes(ctx, seen)
    sheets = [
        tables.Sheet(_("断面"), notes, sections_table(seen)),
        tables.Sheet(_("河流"), notes, rivers_table(seen)),
        tables.Sheet("CWQI", notes, districts_table(seen)),
        tables.Sheet(_("湖库"), notes, lakes_table(seen)),
    ]
    if code:
        name = seen.sections.set_index("code").at[code, "name"]
        readings = readings_table(_readings(ctx, at, code, days))
        sheets.append(tables.Sheet(_("读数"), [(_("断面"), name), *notes], readings))
    return tables.to_xlsx(sheets)


def sections_table(seen: Overview) -> pd.DataFrame:
    """The sections with heads for people; means as they are rounded for assessment."""
    table = seen.sections if seen.basis == "now" else law.round_items(seen.sections)
    columns = {
        _("断面编码"): table["code"],
        _("断面"): table["name"],
        _("河流"): table["river"],
        _("区县"): table["district"],
        _("经度"): table["lon"],
        _("纬度"): table["lat"],
        _("类别"): _romans(table["water_class"]),
        _("决定项目"): table["deciding"],
        _("主要污染指标"): table["main"],
        _("目标类别"): _romans(table["target_class"].fillna(0)),
        _("达标"): [{True: _("是"), False: _("否")}.get(one, "") for one in table["meets"].astype(object)],
        _("去年同期类别"): _romans(table["before_class"]),
        _("最近读数类别"): _romans(table["now_class"]),
        _("均值类别"): _romans(table["mean_class"]),
        _("最近读数时间（北京时间）"): table["time"].dt.tz_convert(BEIJING),
    } | {_headed(item): table[item] for item in WATER_ITEMS}
    return _plain(columns)


def readings_table(readings: pd.DataFrame) -> pd.DataFrame:
    """Readings of a section with heads for people."""
    columns = {_("时间（北京时间）"): readings["time"].dt.tz_convert(BEIJING)}
    columns |= {_headed(item): readings[item] for item in WATER_ITEMS}
    columns |= {
        _("类别"): _romans(readings["water_class"]),
        _("决定项目"): readings["deciding"],
        _("发布类别"): _romans(readings[CLASS_PUBLISHED].fillna(0)),
        _("站点情况"): readings["state"],
    }
    return _plain(columns)


def rivers_table(seen: Overview) -> pd.DataFrame:
    """Rivers with heads for people."""
    table = seen.rivers
    names = law.changes()[f"name_{i18n.language()}"].to_dict()
    return _plain(
        {
            _("河流"): table["river"],
            _("断面数"): table["registered"],
            _("有类别的断面"): table["sections"],
            **{words.class_name(k): table[f"n_{k}"] for k in range(1, 7)},
            _("Ⅰ–Ⅲ类比例（%）"): table["good_share"].round(1),
            _("劣Ⅴ类比例（%）"): table["worst_share"].round(1),
            _("水质状况"): [words.quality_name(one) for one in table["quality"]],
            _("较去年"): [names.get(one, "") for one in table["change"]],
            _("主要污染指标"): table["main"],
        }
    )


def districts_table(seen: Overview) -> pd.DataFrame:
    """Districts with heads for people."""
    table = seen.districts
    return _plain(
        {
            _("区县"): table["district"],
            "CWQI": table["cwqi"],
            _("河流 CWQI"): table["cwqi_river"],
            _("湖库 CWQI"): table["cwqi_lake"],
            _("河流断面"): table["rivers"],
            _("湖库点位"): table["lakes"],
            _("实测项目数（共 21 项）"): table["measured"],
            _("去年同期 CWQI"): table["before"],
            _("变化（%）"): table["change"].round(1),
        }
    )


def lakes_table(seen: Overview) -> pd.DataFrame:
    """Lakes with heads for people."""
    table = seen.lakes
    return _plain(
        {
            _("湖库"): table["lake"],
            _("点位"): table["points"],
            _("类别"): _romans(table["water_class"]),
            _("决定项目"): table["deciding"],
            _("总氮单独评价"): _romans(table["class_tn"]) if "class_tn" in table else "",
            _("TLI（四项，无透明度）"): table["tli"].round(1),
            _("营养状态"): [words.trophic_name(one) for one in table["trophic"]],
            _("去年同期 TLI"): table["tli_before"].round(1),
        }
    )


def _seen(ctx: state.Context, at: pd.Timestamp, basis: str) -> Overview:
    return view.load(ctx.open_key, at, basis, ctx)


def _readings(ctx: state.Context, at: pd.Timestamp, code: str, days: int) -> pd.DataFrame:
    return water.classes(ctx.home, ctx.scope, at - pd.Timedelta(days=days), at, [code])


def _romans(classes) -> list[str]:
    return law.roman(classes).tolist()


def _headed(item: str) -> str:
    unit = words.unit(item)
    return f"{words.item_name(item)} ({unit})" if unit else words.item_name(item)


def _plain(columns: dict) -> pd.DataFrame:
    """Columns of objects, None where there is nothing."""
    table = pd.DataFrame({name: pd.Series(list(values), dtype=object) for name, values in columns.items()})
    return table.where(table.notna(), None)


def _notes(ctx: state.Context, seen: Overview) -> list[tuple[str, str]]:
    return [
        (_("时刻"), when(seen.at, _("y年M月d日 HH:mm"))),
        (_("类别"), view.basis_text(seen)),
        (_("均值时段"), view.span_text(seen)),
        (_("标准"), "GB 3838-2002；环办〔2011〕22号"),
        (_("数据"), _("模拟数据") if ctx.home.kind == "simulated" else _("实测数据")),
        (_("来源"), _("数智环境，{city}").format(city=ctx.home.city)),
    ]
