"""Charts of the registers: how few sources make most of the emissions."""

from functools import cache

import altair as alt
import pandas as pd

from shuzhi.charts.theme import as_dict, fill, of_rows, styled, text_size
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language


def concentration_curve(curve: pd.DataFrame, needed: int, share: float, mode: Tokens, scale: float = 1.0) -> dict:
    """Cumulated share of the emissions over the number of largest sources, and where it passes ``share``.

    Parameters
    ----------
    curve : DataFrame
        rank (from 1), share (0–1).
    needed : int
        Sources that together make ``share``.
    """
    rows = [{"x": int(rank), "y": round(float(part), 4)} for rank, part in curve.itertuples(index=False)]
    mark = [
        {"x": needed, "y": share, "label": _("{n} 家占 {share}%").format(n=f"{needed:,}", share=round(100 * share))}
    ]
    return fill(_template(mode.dark, language(), scale), {"curve": rows, "mark": mark if needed else []})


@cache
def _template(dark: bool, lang: str, scale: float) -> dict:
    mode = tokens(dark)
    x = alt.X(
        "x:Q",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(title=_("按排放量从大到小的污染源数"), format="~s", tickCount=5),
    )
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(title=None, format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1], grid=True),
    )
    curve = of_rows(
        "curve",
        alt.Chart().mark_line(color=mode.accent, strokeWidth=2).encode(x, y),
    )
    mark = of_rows(
        "mark",
        alt.Chart().mark_rule(color=mode.ink, strokeDash=[4, 3]).encode(x=x),
        alt.Chart().mark_point(color=mode.ink, filled=True, size=60).encode(x=x, y=y),
        alt.Chart()
        .mark_text(color=mode.ink, align="right", baseline="bottom", dx=-7, dy=-5, fontSize=text_size(scale))
        .encode(x=x, y=y, text="label:N"),
    )
    return as_dict(styled(alt.layer(curve, mark), mode, scale))
