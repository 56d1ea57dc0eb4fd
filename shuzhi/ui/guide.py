"""What a person sees before there is anything to see."""

import sys
from pathlib import Path

from shuzhi.i18n import _
from shuzhi.settings import ROOT, Settings, settings
from shuzhi.ui import widgets
from shuzhi.ui.markup import Html, join, tag


def no_data(ctx) -> None:
    """The designed empty state of a home without readings: what is missing and the exact commands."""
    simulated = ctx.home.kind == "simulated"
    widgets.show(widgets.dateline([ctx.home.city], widgets.mark(ctx.home.kind) if simulated else ""))
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
