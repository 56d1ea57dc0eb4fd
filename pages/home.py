"""态势 (home): the city's air now, in one sentence, six pollutants, one map and one year."""

import streamlit as st

from shuzhi.ui import guide, home, state
from shuzhi.ui.deck import deck_map
from shuzhi.ui.frame import PAGES
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
        city_map(ctx, situation)
        show(blocks["legend"])
    with right:
        show(blocks["days"])
        with st.container(key="home-days"):
            chart(blocks["days_chart"], "home-days-chart", "stretch")
        show(blocks["year"])
    show(blocks["source"])


def city_map(ctx: state.Context, situation) -> None:
    """All stations by level; the dense centre in an inset. A click goes to the station's page."""
    view = home.map_view(ctx, situation)
    for place in view.places:
        with st.container(key=f"home-map-{place.name}"):
            if place.title:
                show(place.title)
            chosen = deck_map(
                place.deck,
                f"home-deck-{place.name}",
                dark=ctx.dark,
                bounds=place.bounds,
                frames=place.frames,
                padding=place.padding,
                fixed=True,
                label=place.label,
                districts=view.districts,
                on_station=lambda code: None,
            )
            if chosen.station:
                st.switch_page(PAGES / "station.py", query_params=home.station_query(ctx, chosen.station))


ctx = state.context()
state.follow(ctx)
situation = home.look_at(ctx.key, ctx.scope, ctx.at, ctx.edition)
if situation is None:
    guide.no_data(ctx)
else:
    draw(ctx, situation)
