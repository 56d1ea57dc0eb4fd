"""What a person sees before there is anything to see."""

import sys
from pathlib import Path

from shuzhi.i18n import N_, _
from shuzhi.settings import ROOT, Settings, settings
from shuzhi.status.water_words import city_name
from shuzhi.ui import widgets
from shuzhi.ui.markup import Html, join, tag

_REGISTERS = {
    "sources": (
        N_("还没有污染源清单"),
        N_("这个数据目录里没有污染源。导入一份清单后，可按区域、行业、管理类别、排放量查找，并在地图上查看。"),
        (
            (N_("导入清单"), "import inventory sources.xlsx"),
            (N_("取空白模板"), "import template inventory --out sources.xlsx"),
        ),
    ),
    "machines": (
        N_("还没有移动机械"),
        N_("这个数据目录里没有非道路移动机械。导入登记表和定位后，可查看分布、排放阶段与低排区内的禁用机械。"),
        (
            (N_("导入登记表"), "import machines machines.xlsx"),
            (N_("导入定位"), "import positions positions.csv"),
        ),
    ),
}


def no_data(ctx) -> None:
    """The designed empty state of a home without readings: what is missing and the exact commands."""
    _head(ctx, marked=ctx.home.kind == "simulated")
    widgets.empty(
        _("还没有空气质量数据"),
        _("这个数据目录里没有任何读数。用下面的命令导入实测存档，或先建一座模拟城市看看；页面会自己更新。"),
        [
            (_("导入站点名录"), _command("import stations stations.csv")),
            (_("导入小时存档"), _command("import air-archive china_sites_*.csv")),
            (_("或建模拟城市"), _simulated()),
        ],
        key="no-data",
    )


def no_stations(ctx) -> None:
    """Readings without a register of stations: nobody knows which of them are the city's."""
    _head(ctx)
    widgets.empty(
        _("站点名录里没有本市的站点"),
        _("已有读数，但不知道哪些站点属于本市、哪些参评。导入站点名录后即可显示。"),
        [(_("导入站点名录"), _command("import stations stations.csv"))],
        key="no-stations",
    )


def no_register(ctx, register: str) -> None:
    """The designed empty state of a register: what is missing and the exact commands."""
    title, text, steps = _REGISTERS[register]
    _head(ctx, marked=ctx.home.kind == "simulated")
    pairs = [(_(label), _command(words)) for label, words in steps]
    widgets.empty(_(title), _(text), [*pairs, (_("或建模拟城市"), _simulated())], key=f"no-{register}")


def no_people(ctx) -> None:
    """The designed empty state of a home without organisations and people, for whoever may not add any."""
    _head(ctx, _("组织与人员"))
    widgets.empty(
        _("还没有组织与人员"),
        _("导入机构、人员、值班和责任区后，这里显示谁在值班、谁负责哪里。"),
        [
            (_("导入人员表"), _command("import people people.xlsx")),
            (_("取空白模板"), _command("import template people --out people.xlsx")),
            (_("或建模拟城市"), _simulated()),
        ],
        key="no-people",
    )


def no_water(ctx) -> None:
    """The designed empty state of a home without readings of surface water."""
    _head(ctx, _("水环境"))
    widgets.empty(
        _("还没有地表水数据"),
        _("这个数据目录里没有任何断面的读数。用下面的命令导入断面名录和 4 小时数据；页面会自己更新。"),
        [
            (_("导入断面名录"), _command("import sections sections.csv")),
            (_("导入 4 小时数据"), _command("import water-stations water.csv --year 2026")),
            (_("或建模拟城市"), _simulated()),
        ],
        key="no-water",
    )


def no_forecast(ctx, run: dict | None) -> None:
    """The designed empty state of a home without an issue of the forecast.

    Parameters
    ----------
    run : dict, optional
        Work on the forecasts that is going on, as from `research.forecast.work.going_on`.
    """
    _head(ctx, _("趋势预测"))
    pairs = [
        (_("第一期"), _("有读数后由后台进程自动作出，此后每天 08:10 和 20:10 各一期；模型每周重新拟合")),
        (_("现在就做"), _command("forecast issue")),
    ]
    if run is not None:
        done, total = run.get("done", 0), run.get("total", 0)
        text = _("准备数据") if not total else _("第 {done} 步，共 {total} 步").format(done=done, total=total)
        pairs.insert(0, (_("正在进行"), text))
    text = _("预报由已测得的数据和气象预报作出，每期都留存并与实况对照。作出第一期后，本页会自己更新。")
    widgets.empty(_("还没有预报"), text, pairs, key="no-forecast")


def _head(ctx, *title: str, marked: bool = True) -> None:
    """The dateline: the page where it has a title, the city, and what kind of data it has."""
    widgets.show(widgets.dateline([*title, city_name(ctx.home.city)], widgets.mark(ctx.home.kind) if marked else ""))


def _command(words: str) -> Html:
    """The command as it has to be typed in the folder of the program: this Python, this home."""
    python = Path(sys.executable)
    program = python.relative_to(ROOT) if python.is_relative_to(ROOT) else python.name
    home = settings().home
    place = "" if home == Settings.model_fields["home"].default else f"SHUZHI_HOME={home} "
    return widgets.command(f"{place}{program} -m shuzhi {words}")


def _simulated() -> Html:
    note = _("模拟与实测不能放进同一个数据目录（SHUZHI_HOME）。")
    return join([widgets.command("make run"), tag("span", note, class_="sz-muted")])
