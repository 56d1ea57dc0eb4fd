"""The one look of every chart, on pages and in documents, and its way to PNG and SVG."""

import json
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
import vl_convert

from shuzhi.charts.tokens import Tokens
from shuzhi.i18n import _
from shuzhi.settings import BEIJING

FAMILIES = (
    "Source Sans",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "sans-serif",
)
FONT = ", ".join(f"'{name}'" if " " in name else name for name in FAMILIES)
TEXT = 13
NARROW, PHONE = 640, 520


def text_size(scale: float = 1.0) -> int:
    """Size of chart text [px] where the page's root is ``16 * scale`` px."""
    return round(TEXT * scale)


def styled(chart: alt.TopLevelMixin, tokens: Tokens, scale: float = 1.0) -> alt.TopLevelMixin:
    """A chart in the look: fonts, axes and colours of one mode.

    Parameters
    ----------
    chart : alt.Chart, alt.LayerChart or a concatenation
    tokens : Tokens
        Colours of the mode, from :func:`shuzhi.charts.tokens.tokens`.
    scale : float
        1.0 at the desk, 1.125 on the wall.
    """
    size = text_size(scale)
    if not isinstance(chart, (alt.HConcatChart, alt.VConcatChart, alt.ConcatChart, alt.FacetChart)):
        chart = chart.properties(autosize=alt.AutoSizeParams(type="fit", contains="padding"))
    return (
        chart.configure(font=FONT, background="transparent", padding=0)
        .configure_view(strokeWidth=0)
        .configure_axis(
            labelFont=FONT,
            titleFont=FONT,
            labelFontSize=size,
            titleFontSize=size,
            labelColor=tokens.ink3,
            titleColor=tokens.ink3,
            titleFontWeight="normal",
            gridColor=tokens.line,
            domainColor=tokens.line2,
            tickColor=tokens.line2,
            tickSize=4,
            labelPadding=4,
        )
        .configure_axisX(grid=False)
        .configure_axisY(domain=False, ticks=False)
        .configure_text(font=FONT)
    )


def wall_clock(times) -> list[int]:
    """Beijing wall time of instants [ms], counted as if it were UTC: every viewer sees the city's clock.

    A chart places these on a scale of type ``utc`` and prints them with ``utcFormat``.

    Parameters
    ----------
    times : array-like of tz-aware timestamps
    """
    local = pd.DatetimeIndex(pd.to_datetime(times, utc=True)).tz_convert(BEIJING).tz_localize(None)
    return local.as_unit("ms").asi8.tolist()


def day_label() -> str:
    """Vega expression for a day's axis label: 8月20日, on a phone 20日."""
    wide, narrow = _("%-m月%-d日"), _("%-d日")
    return f"utcFormat(datum.value, width < {PHONE} ? '{narrow}' : '{wide}')"


def hour_label() -> str:
    """Vega expression for an hour's axis label: 15 时."""
    form = _("%-H 时")  # outside the f-string, where the catalogue's extractor does not look
    return f"utcFormat(datum.value, '{form}')"


def responsive_size(size: int, below: int = NARROW) -> alt.ExprRef:
    """Font size that is 0 on a chart narrower than ``below`` px: the page doesn't know its width."""
    return alt.ExprRef(f"width < {below} ? 0 : {size}")


def as_dict(chart: alt.TopLevelMixin) -> dict:
    """Vega-Lite of a chart, checked against the schema."""
    return chart.to_dict()


def fill(template: dict, data: dict[str, list[dict] | dict[str, list]], **values) -> dict:
    """A chart from its template: rows in place of named data, values in place of the parameters' defaults.

    Making and checking a layered chart takes Altair 0.2–0.4 s; filling a template takes some ms. Rows stand in their
    layers because Streamlit would turn top-level data into Arrow at every rerun.

    Parameters
    ----------
    template : dict
        Vega-Lite of a layered chart whose layers are made by :func:`of_rows` or :func:`of_columns` and whose ``params``
        have names.
    data : dict
        By name: rows, or for :func:`of_columns` the columns.
    values : parameters by name, or properties of the chart such as ``height``
    """
    params = template.get("params", [])
    named = {param["name"] for param in params}
    return {
        **template,
        "layer": [_with_rows(layer, data) for layer in template["layer"]],
        "params": [{**param, "value": values.get(param["name"], param.get("value"))} for param in params],
        **{key: value for key, value in values.items() if key not in named},
    }


def _with_rows(layer: dict, data: dict) -> dict:
    found = data[layer["data"]["name"]]
    return {**layer, "data": {"values": [found] if isinstance(found, dict) else found}}


def of_rows(name: str, *layers: alt.Chart) -> alt.LayerChart:
    """Layers over the same named rows, so that a filled chart holds the rows once."""
    return alt.layer(*layers, data=alt.NamedData(name))


def of_columns(name: str, fields: Sequence[str], *layers: alt.Chart) -> alt.LayerChart:
    """As :func:`of_rows`, for many rows: columns are a fifth of the bytes, and the browser makes the rows of them."""
    return of_rows(name, *layers).transform_flatten(list(fields))


def choice(field: str, *options: str | None) -> str:
    """Vega expression for the option whose number stands in a field: what need not be sent with every row."""
    return f"{json.dumps(options, ensure_ascii=False)}[datum.{field}]"


def known(values) -> list:
    """Numbers for a chart: None where there is none."""
    return [value if value == value else None for value in np.asarray(values).tolist()]


def for_document(spec: alt.TopLevelMixin | dict, tokens: Tokens, width: int = 900, height: int | None = None) -> dict:
    """The chart with a width of its own and an opaque ground, for a file instead of a page.

    Parameters
    ----------
    spec : chart or its dict
    width, height : int
        Size [px]; a height of None keeps the chart's own.
    """
    spec = json.loads(json.dumps(spec if isinstance(spec, dict) else as_dict(spec)))
    spec["width"] = width
    if height is not None:
        spec["height"] = height
    spec["background"] = tokens.bg
    spec["padding"] = 16
    spec.get("config", {}).pop("background", None)
    spec.get("config", {}).pop("padding", None)
    return spec


def to_png(spec: alt.TopLevelMixin | dict, scale: float = 2.0) -> bytes:
    """PNG of a chart, made without a browser or a network; Chinese needs an installed CJK font."""
    return vl_convert.vegalite_to_png(spec if isinstance(spec, dict) else as_dict(spec), scale=scale)


def to_svg(spec: alt.TopLevelMixin | dict) -> str:
    """SVG of a chart, made without a browser or a network; text stays text."""
    return vl_convert.vegalite_to_svg(spec if isinstance(spec, dict) else as_dict(spec))
