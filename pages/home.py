"""态势 (home): the city's air now, in one sentence, six pollutants, one map and one year."""

import streamlit as st

from shuzhi.i18n import _
from shuzhi.ui import guide, home, state
from shuzhi.ui.deck import deck_map
from shuzhi.ui.menu import PAGES
from shuzhi.ui.widgets import chart, show


def draw(ctx: state.Context, page: home.Page) -> None:
    """The page of a home that has readings."""
    show(page.html["top"])
    left, middle, right = st.columns([26, 46, 27], gap="medium")
    with left:
        show(page.html["index"])
        with st.container(key="home-hours"):
            chart(page.hours, "home-hours-chart", "stretch", alt=_("过去 24 小时的全市小时 AQI"))
        show(page.html["pollutants"])
    with middle, st.container(key="home-map"):
        for place in page.places:
            city_map(ctx, page, place)
        show(page.html["legend"])
    with right:
        show(page.html["days"])
        with st.container(key="home-days"):
            chart(page.days, "home-days-chart", "stretch", alt=_("今年以来的全市逐日 AQI"))
        show(page.html["year"])
    show(page.html["source"])


def city_map(ctx: state.Context, page: home.Page, place: home.Place) -> None:
    """Stations by level; a click goes to the station's page."""
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
            districts=page.districts,
            on_station=lambda code: None,
        )
    if chosen.station:
        st.switch_page(PAGES / "station.py", query_params=home.station_query(chosen.station))


ctx = state.context()
state.follow(ctx)
page = home.page(ctx)
if page is None:
    guide.no_data(ctx)
elif not home.has_stations(ctx):
    guide.no_stations(ctx)
else:
    draw(ctx, page)
