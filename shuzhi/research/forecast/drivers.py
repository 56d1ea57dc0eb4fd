"""What drove a forecast (影响因素), in numbers and in words.

Two ways: contributions of the features of boosted trees, which add up to what they predict; and, for every stored
issue, what the mixture tells beside its floors, and the coming weather beside that of the season. Either describes the
model, not the causes in the air.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from shuzhi.i18n import N_, _
from shuzhi.research import weather
from shuzhi.research.forecast.issues import TOLD, Issue
from shuzhi.research.forecast.naive import HALF_WINDOW, RECENT
from shuzhi.settings import BEIJING
from shuzhi.status.headline import number
from shuzhi.status.station_words import unit as unit_of
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span

NAMES = {
    "recent": N_("近日积累"),
    "trend": N_("近日变化"),
    "season": N_("季节"),
    "pollutants": N_("其他污染物"),
    "neighbours": N_("周边"),
    "wind": N_("风"),
    "rain": N_("降雨"),
    "humidity": N_("湿度"),
    "temperature": N_("气温"),
    "sun": N_("日照"),
    "mixing": N_("混合层"),
    "pressure": N_("气压"),
    "models": N_("模型对天气和变化的判断"),
    "other": N_("其他"),
}
"""Groups of features, and what they are called."""

LESS_MORE = {
    "wind": (N_("风小"), N_("风大")),
    "rain": (N_("少雨"), N_("降雨")),
    "humidity": (N_("干燥"), N_("潮湿")),
    "temperature": (N_("偏冷"), N_("偏暖")),
    "sun": (N_("日照少"), N_("日照多")),
    "mixing": (N_("混合层低"), N_("混合层高")),
    "pressure": (N_("气压低"), N_("气压高")),
}
"""Elements of the weather where there is less or more of them than is usual."""

SHOWN = 4
"""So many groups are named, the largest; the others together."""

FACTORS = {
    "wind": "wind_speed",
    "temperature": "temperature",
    "humidity": "humidity",
    "rain": "precipitation",
    "sun": "radiation",
    "mixing": "mixing_height",
}
"""Element → the factor that stands for it."""

REMARKABLE = 0.7
"""Standard deviations from what is usual, from which on an element is named."""

_YEAR, _AROUND = dt.timedelta(days=365), dt.timedelta(days=HALF_WINDOW)
_LINKS = {"root": (np.sqrt, lambda value: 2 * np.sqrt(value)), "log": (np.log, lambda value: value)}

_ELEMENTS = (
    ("wind", r"avgws|maxws|wind_\w+|vent"),
    ("rain", r"precipitation|wet|rain_\d+|dry_days"),
    ("humidity", r"avgrh|minrh|humidity\w*"),
    ("temperature", r"avgtemp|maxtemp|mintemp|temperature\w*|range"),
    ("sun", r"daylight|radiation|sunshine"),
    ("mixing", r"lid|mixing_height"),
    ("pressure", r"avgp|pressure"),
)
_ITEM = r"(?:aqi|pm25|pm10|so2|no2|co|o3(?:_8h)?)"
_RULES = (
    *((group, rf"(?:(?:now|yesterday|target|before|mean|low|high)_)?(?:{names})") for group, names in _ELEMENTS),
    ("season", r"lead|sin|cos|weekday|hour|climatology|aqi_m365|aqi_ry"),
    ("neighbours", r"near|city\w*|neighbour\w*"),
    ("pollutants", r"own_\w+"),
    ("trend", rf"lag\d+|{_ITEM}_(?:[1-9]|r1|r7|low7|high7)"),
    ("recent", rf"last|damped|mean\d+|{_ITEM}_(?:0|r0|m\d+)"),
)


def group_of(feature: str) -> str:
    """The group of a feature by its name, a key of ``NAMES``."""
    return next((group for group, rule in _RULES if re.fullmatch(rule, feature)), "other")


def grouped(contributions: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Contributions of features, summed up by group.

    Parameters
    ----------
    contributions : array (n, features + 1)
        As LightGBM's ``predict(…, pred_contrib=True)`` gives them: the last is what all cases have in common, and
        counts as what the season makes.
    names : sequence of str
        Of the features.

    Returns
    -------
    DataFrame
        A row a case, a column a group; in what the trees predict.
    """
    groups = [*(group_of(name) for name in names), "season"]
    kinds = list(dict.fromkeys(groups))
    member = np.array([[group == kind for kind in kinds] for group in groups], float)
    return pd.DataFrame(np.asarray(contributions, float) @ member, columns=kinds)


def in_units(groups: pd.DataFrame, value, normal, start, link: str = "root") -> pd.DataFrame:
    """Contributions in the unit of the quantity, that add up to forecast less climatology.

    Parameters
    ----------
    groups : DataFrame
        As from `grouped`, of trees that predict link(forecast) − link(``start``).
    value, normal, start : array (n,)
        The trees' forecast, the climatology, and from what the trees start (the last value); above 0.
    link : 'root' or 'log'

    Returns
    -------
    DataFrame
        As ``groups``; ``recent`` has what the last value was off the climatology.
    """
    scale, here = _LINKS[link]
    value, normal, start = (np.asarray(part, float) for part in (value, normal, start))
    step = scale(value) - scale(normal)
    flat = np.abs(step) <= 1e-9
    # Σ of the steps × the mean slope between both ends is exactly value − normal.
    slope = np.where(flat, here(value), (value - normal) / np.where(flat, 1.0, step))
    recent = groups.get("recent", 0.0) + scale(start) - scale(normal)
    return groups.assign(recent=recent).mul(slope, axis=0)


def from_floors(rows: pd.DataFrame, item: str, lead: int) -> pd.DataFrame | None:
    """What is told beside its floors: what remains of the last days, and what the models add to that.

    Parameters
    ----------
    rows : DataFrame
        Rows of one place with all models, as from `issues.read` with ``models=None``.

    Returns
    -------
    DataFrame or None
        group (``recent``, ``models``), contribution; together forecast less climatology. None where a floor is absent.
    """
    chosen = rows[(rows["item"] == item) & (rows["lead"] == lead)].set_index("model")["value"]
    if not {TOLD, "climatology", "damped"} <= set(chosen.dropna().index):
        return None
    parts = {"recent": chosen["damped"] - chosen["climatology"], "models": chosen[TOLD] - chosen["damped"]}
    return pd.DataFrame({"group": list(parts), "contribution": np.array(list(parts.values()), float)})


def of(kept: pd.DataFrame, rows: pd.DataFrame, item: str, lead: int) -> pd.DataFrame | None:
    """The contributions that were kept of a forecast, else those that its floors tell.

    Parameters
    ----------
    kept : DataFrame
        As from `issues.drivers`, of one place.
    rows : DataFrame
        As for `from_floors`.
    """
    chosen = kept[(kept["item"] == item) & (kept["lead"] == lead)]
    return chosen[["group", "contribution"]] if len(chosen) else from_floors(rows, item, lead)


def in_words(groups: pd.DataFrame, unit: str = "", tendency: Mapping[str, float] | None = None) -> str:
    """What made the forecast higher or lower than climatology, in one sentence.

    Parameters
    ----------
    groups : DataFrame
        group, contribution (in the unit), as from `in_units` or `from_floors`.
    unit : str
        “” for the AQI.
    tendency : mapping, optional
        Element of the weather → above 0 where there is more of it than usual (`anomalies`): 风小 instead of 风.
    """
    total = float(groups["contribution"].sum())
    kept = _largest(groups)
    same = [one for one in kept if (one[1] > 0) == (total > 0)]
    against = [one for one in kept if one not in same]
    said = _("；").join(_("、").join(_term(*one, tendency or {}) for one in part) for part in (same, against) if part)
    words = {"by": f"{abs(total):.0f}", "unit": f" {unit}" if unit else "", "terms": said}
    if round(abs(total)) == 0:
        text = _("与气候平均相当：{terms}。") if said else _("与气候平均相当。")
    elif total > 0:
        text = _("与气候平均相比偏高 {by}{unit}：{terms}。")
    else:
        text = _("与气候平均相比偏低 {by}{unit}：{terms}。")
    return text.format(**words)


def _largest(groups: pd.DataFrame) -> list[tuple[str, float]]:
    """The largest groups that round to something, and the rest together, largest first."""
    pairs = sorted(zip(groups["group"], groups["contribution"], strict=True), key=lambda pair: -abs(pair[1]))
    named = [pair for pair in pairs if pair[0] != "other"][:SHOWN]
    rest = sum(value for group, value in pairs if (group, value) not in named)
    return [(group, value) for group, value in [*named, ("other", rest)] if round(abs(value)) > 0]


def _term(group: str, value: float, tendency: Mapping[str, float]) -> str:
    name = NAMES[group]
    if group in LESS_MORE and tendency.get(group):
        name = LESS_MORE[group][tendency[group] > 0]
    return _(name) + f" {value:+.0f}".replace("-", "−")


def anomalies(home: Home, scope: Scope, issue: Issue, day: dt.date) -> pd.DataFrame | None:
    """The weather that was forecast of a day, beside what is usual; as `weather_of_days`, None of a day without."""
    return weather_of_days(home, scope, issue).get(day)


def weather_of_days(home: Home, scope: Scope, issue: Issue) -> dict[dt.date, pd.DataFrame]:
    """The weather that was forecast of each day, beside what is usual at that time of the year.

    Hours of the first day that were over are as measured. Usual is what was measured on the days around each day a year
    before, else on the last 30 days before the issue; means over the stations.

    Returns
    -------
    dict
        Day → DataFrame of element, factor, value, normal (units of the factor), deviation (in standard deviations of
        the usual days). Empty for an issue without weather, or where nothing was measured.
    """
    days = _coming(home, scope, issue)
    if days is None:
        return {}
    usual = _Usual(home, scope, issue, min(days.index), max(days.index))
    found = {day: _beside(row, usual.around(day)) for day, row in days.iterrows()}
    return {day: table for day, table in found.items() if len(table)}


def _coming(home: Home, scope: Scope, issue: Issue) -> pd.DataFrame | None:
    """Daily weather from the day of the issue on, a row a date."""
    if issue.weather is None or issue.weather_issued_at is None:
        return None
    told = weather.path(home, scope, issue.weather_issued_at, issue.weather)
    begin = day_span(*[_date(issue.weather_issued_at)] * 2)[0]
    seen = weather.observed(home, scope, begin, issue.weather_issued_at)
    return _city_days(pd.concat([seen, told], ignore_index=True)) if len(told) else None


class _Usual:
    """Measured days to compare with: those around a day a year before, else the last before the issue."""

    def __init__(self, home: Home, scope: Scope, issue: Issue, first: dt.date, last: dt.date):
        self._before = _measured(home, scope, first - _YEAR - _AROUND, last - _YEAR + _AROUND)
        known = _date(issue.as_of) - dt.timedelta(days=1)
        enough = self._before is not None and len(self.around(first, recent=False)) > HALF_WINDOW
        self._recent = None if enough else _measured(home, scope, known - dt.timedelta(days=RECENT - 1), known)

    def around(self, day: dt.date, recent: bool = True) -> pd.DataFrame:
        """Days that tell what is usual on one; empty where there are none."""
        if recent and self._recent is not None:
            return self._recent
        if self._before is None:
            return pd.DataFrame()
        middle = day - _YEAR
        return self._before[[abs(one - middle) <= _AROUND for one in self._before.index]]


def _beside(day: pd.Series, usual: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for element, factor in FACTORS.items():
        if factor in day and factor in usual:
            value, days = float(day[factor]), usual[factor].dropna()
            spread = days.std()
            if np.isfinite(value) and spread > 0:
                deviation = (value - days.mean()) / spread
                rows.append((element, factor, value, float(days.mean()), float(deviation)))
    return pd.DataFrame(rows, columns=["element", "factor", "value", "normal", "deviation"])


def _measured(home: Home, scope: Scope, first: dt.date, last: dt.date) -> pd.DataFrame | None:
    return _city_days(weather.observed(home, scope, *day_span(first, last)))


def _city_days(rows: pd.DataFrame) -> pd.DataFrame | None:
    """Daily means over the stations, a row a date; None of nothing."""
    if rows.empty:
        return None
    days = weather.day_values(rows)
    found = days.drop(columns="station").groupby("day").mean(numeric_only=True)
    return found.set_axis([one.date() for one in pd.to_datetime(found.index)])


def _date(instant: pd.Timestamp) -> dt.date:
    return instant.tz_convert(BEIJING).date()


def tendency(found: pd.DataFrame) -> dict[str, float]:
    """Element → deviation, for `in_words`; of those that are remarkable."""
    kept = found[found["deviation"].abs() >= REMARKABLE]
    return dict(zip(kept["element"], kept["deviation"], strict=True))


def weather_words(found: pd.DataFrame) -> str:
    """The weather of a day beside what is usual, in one sentence.

    Parameters
    ----------
    found : DataFrame
        As from `anomalies`.
    """
    kept = found[found["deviation"].abs() >= REMARKABLE].sort_values("deviation", key=abs, ascending=False)
    if kept.empty:
        return _("预报天气与同期相近。")
    terms = [
        _("{name}（{value}，同期 {normal} {unit}）").format(
            name=_(LESS_MORE[row.element][row.deviation > 0]),
            value=number(row.value, row.factor),
            normal=number(row.normal, row.factor),
            unit=unit_of(row.factor),
        )
        for row in kept.itertuples()
    ]
    return _("预报天气与同期相比：{terms}。").format(terms=_("、").join(terms))
