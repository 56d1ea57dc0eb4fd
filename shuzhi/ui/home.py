"""What the page 态势 shows, computed once for a version of the home."""

import pandas as pd

from shuzhi.charts import home as charts
from shuzhi.charts.tokens import tokens
from shuzhi.settings import BEIJING, settings
from shuzhi.status import city
from shuzhi.ui import situation, state
from shuzhi.ui.markup import join


@state.cached
def look_at(key, scope, at, edition) -> city.Situation | None:
    """The situation at an hour (None: the newest), or None in a home without readings."""
    return city.situation(state.home(), scope, at, edition)


def is_late(ctx: state.Context, s: city.Situation) -> bool:
    """The newest hour is shown and it is older than it should be."""
    overdue = pd.Timestamp.now(BEIJING) - s.at > pd.Timedelta(hours=settings().stale_hours)
    return ctx.at is None and overdue


def blocks(ctx: state.Context, s: city.Situation) -> dict:
    """HTML and charts of the page, by name."""
    return _blocks(ctx.key, ctx.scope, ctx.at, ctx.edition, ctx.lang, ctx.dark, ctx.wall, is_late(ctx, s))


@state.cached
def _blocks(key, scope, at, edition, lang, dark, wall, late) -> dict:
    s = look_at(key, scope, at, edition)
    mode, scale = tokens(dark), state.scale(wall)
    kind = state.home().kind
    other = "2012" if s.edition == "2026" else "2026"

    def station(code: str) -> str:
        return state.link("station", station=code)

    return {
        "top": situation.top(s, kind, at is None, late),
        "index": situation.index_block(s),
        "pollutants": situation.pollutants_block(s),
        "days": situation.days_block(s),
        "year": join([situation.comparison_block(s), situation.exceedance_block(s, station)]),
        "source": situation.source_block(s, kind, (other, state.link("", edition=other))),
        "hours_chart": charts.hour_bars(s.hours.tail(24), mode, scale),
        "days_chart": charts.day_bars(s.year.days, mode, scale),
    }
