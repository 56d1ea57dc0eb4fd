"""What the map in the browser (``ui/static/deck_map.js``) is told of the air stations: frames, style, words.

Plain dictionaries: a page of Streamlit and a page of our own show the same map.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlencode

import pandas as pd

from shuzhi.charts.levels import level_names
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _
from shuzhi.maps.frames import HOURS, beijing
from shuzhi.maps.layers import air_style
from shuzhi.settings import settings
from shuzhi.standards.factors import factors

LABELLED = {"national": 0, "provincial": 10.5, "city": 11, "micro": 11.75}
"""Zoom from which the stations of a network carry their value as a number."""
NAMED = {"national": 10, "provincial": 11.5, "city": 11.5, "micro": 12.5}
"""Zoom from which they carry their name."""


@dataclass(frozen=True)
class Frames:
    """Which hours of the air stations a map shows.

    Attributes
    ----------
    version : int
        Version of the home.
    end : Timestamp
        Last hour, tz-aware (end of the hour).
    at : Timestamp, optional
        Hour shown first; by default the last.
    hours : int
        Number of hours; 1 where nothing is played back.
    factor, edition : str
        ``aqi`` or an item; ``auto``, ``2012`` or ``2026``.
    networks : collection of str, optional
        Only these networks.
    district : str, optional
        Only this district.
    labelled, named : mapping of network to zoom
        From which zoom stations carry their value and their name.
    """

    version: int
    end: pd.Timestamp
    at: pd.Timestamp | None = None
    hours: int = HOURS
    factor: str = "aqi"
    edition: str = "auto"
    networks: Collection[str] | None = None
    district: str | None = None
    labelled: Mapping[str, float] = field(default_factory=lambda: LABELLED)
    named: Mapping[str, float] = field(default_factory=lambda: NAMED)

    @property
    def address(self) -> str:
        """Where the browser fetches them."""
        asked = {"factor": self.factor, "end": beijing(self.end), "hours": self.hours, "edition": self.edition}
        return f"/assets/frames/{self.version}.json?{urlencode(asked)}"


def air(frames: Frames, dark: bool, selected: str | None, districts: Mapping[str, str], clickable: bool) -> dict:
    """The component's ``air``.

    Parameters
    ----------
    selected : str or None
        Code of the station with the ring.
    districts : mapping
        How districts are called in the language of the page.
    clickable : bool
        A click on a station is told to the page.
    """
    factor = None if frames.factor == "aqi" else factors().loc[frames.factor]
    return {
        "frames": frames.address,
        "at": beijing(frames.at if frames.at is not None else frames.end),
        "symbol": "AQI" if factor is None else factor["symbol"],
        "unit": "" if factor is None else factor["unit"],
        "style": _style(dark),
        "filter": {"networks": list(frames.networks) if frames.networks else None, "district": frames.district},
        "selected": selected,
        "labelled": dict(frames.labelled),
        "named": dict(frames.named),
        "districts": dict(districts),
        "clickable": clickable,
    }


@cache
def _style(dark: bool) -> list[dict]:
    return air_style(tokens(dark))


def words(label: str) -> dict:
    """The component's ``text`` in the language spoken now; `label` is what a screen reader says of the map."""
    silent = _("无数据（超过 {n} 小时）").format(n=settings().stale_hours)
    return {
        "map": label,
        "levels": [silent, *(level_names()[level] for level in range(1, 7))],
        "networks": {"national": _("国控"), "provincial": _("省控"), "city": _("市控"), "micro": _("微站")},
        "legend": _("空气质量级别　站点数"),
        "filters": _("筛选"),
        "time": _("时间"),
        "hour": _("小时"),
        "day": _("日期"),
        "city": _("全市小时 AQI，点线为 100"),
        "play": _("播放最近 72 小时"),
        "pause": _("暂停"),
        "back": _("上一小时"),
        "on": _("下一小时"),
        "late": _("{n} 小时前的读数"),
        "quiet": _("这一小时没有读数"),
        "webgl": _("这个浏览器没有 WebGL 2，画不出地图。请换用较新的浏览器，或在设置中打开硬件加速。"),
        "failed": _("地图没有载入。请检查与服务器的连接，然后重新载入页面。"),
    }
