"""What the browser makes of the frames: the pure part of the map's code, run where it lives."""

import pytest

pytestmark = pytest.mark.browser

FRAMES = {
    "first": "2019-08-26T14:00",
    "hours": 2,
    "stations": [
        ["A", "甲", "national", "锦江区", 104.0, 30.60],
        ["B", "乙", "national", "武侯区", 104.001, 30.60],
        ["C", "丙", "micro", "锦江区", 104.2, 30.60],
        ["D", "丁", "micro", "锦江区", 104.3, 30.60],
    ],
    "value": [[40, 120, 60, None], [50, 130, 70, None]],
    "level": ["1320", "1320"],
    "age": ["001-", "000-"],
}
OPTIONS = {"selected": None, "zoom": 9, "decimals": 0, "labelled": {"national": 0}, "named": {}}
STYLE = [{"radius": level} for level in range(7)]


@pytest.fixture(scope="module")
def air(chromium, server):
    """Calls a function of air.js with JSON arguments."""
    page = chromium.new_page()
    page.goto(server + "/healthz")

    def call(expression, **values):
        body = "async values => { const air = await import('/assets/ui/x/air.js'); return (%s)(air, values) }"
        return page.evaluate(body % expression, {"frames": FRAMES, "options": OPTIONS, "style": STYLE, **values})

    yield call
    page.close()


def rows(air, hidden=(), filter_=None, **options):
    return air(
        "(air, v) => air.airRows(air.stationsAt(v.frames, 0, v.filter),"
        " {...v.options, style: v.style, hidden: new Set(v.hidden)})",
        hidden=list(hidden),
        filter=filter_ or {"networks": None, "district": None},
        options={**OPTIONS, **options},
    )


def codes(layer):
    return [row["code"] for row in layer]


def test_hours_are_those_of_the_frames(air):
    assert air("(air, v) => air.hoursOf(v.frames)") == ["2019-08-26T14:00", "2019-08-26T15:00"]


def test_worst_stand_on_top_and_no_reading_at_the_bottom(air):
    assert codes(rows(air)["air-points"]) == ["D", "A", "C", "B"]


def test_counts_by_level(air):
    counted = "(air, v) => air.countsOf(air.stationsAt(v.frames, 0, v.filter))"
    assert air(counted, filter={"networks": None, "district": None}) == [1, 1, 1, 1, 0, 0, 0]
    assert air(counted, filter={"networks": ["national"], "district": None}) == [0, 1, 0, 1, 0, 0, 0]
    assert air(counted, filter={"networks": None, "district": "锦江区"}) == [1, 1, 1, 0, 0, 0, 0]


def test_of_labels_that_would_cover_each_other_the_worse_stays(air):
    assert codes(rows(air)["air-labels"]) == ["B"]
    assert codes(rows(air, selected="A")["air-labels"]) == ["A"]
    assert sorted(codes(rows(air, zoom=15)["air-labels"])) == ["A", "B"]


def test_names_at_the_edge_of_a_fixed_map_stand_inside_it(air):
    """Frames that end 5 px right of and below a station, where its name would be cut; and 100 px."""
    names = (
        "(air, v) => { const [x, y] = air.pixels(104.2, 30.6, 9);"
        " const frame = {left: x - 200, right: x + v.room, top: y - 200, bottom: y + v.room};"
        " return air.airRows(air.stationsAt(v.frames, 0, {}), {...v.options, style: v.style, hidden: new Set(), frame})"
        "['air-names'] }"
    )
    options = {**OPTIONS, "named": {"micro": 0}}
    cut, roomy = (air(names, room=room, options=options) for room in (5, 100))
    assert [row["code"] for row in cut] == ["C"]  # the next station lies outside
    assert cut[0]["offset"][0] < 0
    assert cut[0]["offset"][1] == -18
    assert roomy[0]["offset"] == [0, 18]


def test_hidden_levels_are_not_drawn(air):
    assert codes(rows(air, hidden=[0, 3])["air-points"]) == ["A", "C"]


def test_a_station_without_a_reading_has_no_number(air):
    (row,) = rows(air, hidden=[1, 2, 3])["air-points"]
    assert (row["text"], row["radius"], row["age"]) == ("—", 0, -1)


def test_names_of_places_wait_for_room(air):
    places = "(air, v) => air.placeNames(v.groups, v.zoom).map(rows => rows.map(row => row.text))"
    near = [
        {"text": "甲区", "lon": 104, "lat": 30.6, "minzoom": 7},
        {"text": "乙区", "lon": 104, "lat": 30.6, "minzoom": 7},
    ]
    far = [{"text": "甲河", "lon": 104.5, "lat": 30.6, "minzoom": 9}]
    assert air(places, groups=[near, far], zoom=8) == [["甲区"], []]
    assert air(places, groups=[near, far], zoom=9) == [["甲区"], ["甲河"]]


def test_pixels_are_web_mercator(air):
    """Against the formula of EPSG:3857 on a world of 512 px."""
    x, y = air("(air, v) => air.pixels(104.06, 30.66, 0)")
    assert (round(x, 3), round(y, 3)) == (403.996, 210.151)
