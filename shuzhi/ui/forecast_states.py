"""The page 趋势预测 where an issue says nothing of what is asked."""

from shuzhi.i18n import _
from shuzhi.research.forecast.issues import Issue
from shuzhi.status.water_words import city_name
from shuzhi.ui import state, widgets
from shuzhi.ui.markup import Html, tag


def note(text: str) -> Html:
    """A line in the place of a part that isn't there."""
    return tag("p", text, class_="sz-note")


def no_city(ctx: state.Context, issue: Issue) -> None:
    """An issue that says nothing of the city's days."""
    widgets.show(widgets.dateline([_("趋势预测"), city_name(ctx.home.city), issue.id], widgets.mark(ctx.home.kind)))
    text = _("这一期没有全市的日预报：已测得的天数不足以作出。积累更多读数后，下一期会有。")
    widgets.empty(_("这一期没有全市预报"), text, key="forecast-city")
