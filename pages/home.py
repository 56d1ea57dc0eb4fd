"""态势 (home): the city's air now, in one sentence, six pollutants, one map and one year."""

import streamlit as st

from shuzhi.ui import guide, home, state
from shuzhi.ui.widgets import chart, show


def draw(ctx: state.Context, situation) -> None:
    """The page of a home that has readings."""
    blocks = home.blocks(ctx, situation)
    show(blocks["top"])
    left, middle, right = st.columns([26, 46, 27], gap="medium")
    with left:
        show(blocks["index"])
        with st.container(key="home-hours"):
            chart(blocks["hours_chart"], "home-hours-chart", "stretch")
        show(blocks["pollutants"])
    with middle, st.container(key="home-map"):
        st.caption("map")
    with right:
        show(blocks["days"])
        with st.container(key="home-days"):
            chart(blocks["days_chart"], "home-days-chart", "stretch")
        show(blocks["year"])
    show(blocks["source"])


ctx = state.context()
state.follow(ctx)
situation = home.look_at(ctx.key, ctx.scope, ctx.at, ctx.edition)
if situation is None:
    guide.no_data(ctx)
else:
    draw(ctx, situation)
