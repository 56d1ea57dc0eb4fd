"""Sentences that know their numbers, and edits that are held against them."""

import datetime as dt

import pytest

from shuzhi.publish.facts import Fact, Source, difference, facts_of, fill, joined, located, numbers, plain
from shuzhi.publish.layout import runs

SOURCE = Source("air_days", (("first", "2019-01-01"),), dt.date(2019, 1, 1), dt.date(2019, 8, 31), None)


def fact(text: str, label: str = "") -> Fact:
    return Fact(label, float(text), text, "", SOURCE, "")


GOOD = fill("优良{good}天，优良率{share}%，PM2.5为{pm}。", good=fact("182"), share=fact("77.1"), pm=fact("40"))


def test_a_template_is_filled_with_facts_and_text():
    assert plain(GOOD) == "优良182天，优良率77.1%，PM2.5为40。"
    assert [one.text for one in facts_of(GOOD)] == ["182", "77.1", "40"]
    assert plain(joined([GOOD, (), fill("{a}{{}}", a="x")], " ")).endswith("。 x{}")


def test_digits_in_names_are_no_numbers():
    text = "PM2.5为40µg/m³，PM₁₀ 6，SO2和O3-8h 168；HJ 633-2012，1,234 天"
    assert numbers(text) == ["40", "6", "8", "168", "1234"]


@pytest.mark.parametrize(
    ("edited", "missing", "foreign"),
    [
        ("优良182天，优良率77.1%，PM2.5为40。", [], []),
        ("优良率77.1%，优良天数182天；PM2.5平均40。", [], []),
        ("优良186天，优良率77.1%，PM2.5为40。", ["182"], ["186"]),
        ("优良1820天，优良率77.1%，PM2.5为40。", ["182"], ["1820"]),
        ("优良182天，优良率77%，PM2.5为40。", ["77.1"], ["77"]),
        ("空气质量良好。", ["182", "77.1", "40"], []),
        ("优良１８２天，优良率77.1%，PM2.5为40。", [], []),
    ],
)
def test_what_an_edit_changes(edited, missing, foreign):
    found = difference(edited, GOOD)
    assert ([one.text for one in found.missing], list(found.foreign)) == (missing, foreign)
    assert bool(found) == bool(missing or foreign)


def test_the_same_number_is_counted_as_often_as_it_stands():
    twice = fill("{a}天和{b}天", a=fact("4"), b=fact("4"))
    assert len(difference("4天", twice).missing) == 1


def test_facts_are_found_again_in_an_edited_text():
    parts = located("今年优良182天，PM2.5为40，共1820。", facts_of(GOOD))
    assert plain(parts) == "今年优良182天，PM2.5为40，共1820。"
    assert [one.text for one in facts_of(parts)] == ["182", "40"]


def test_digits_of_pollutants_stand_lowered():
    assert runs("PM2.5为40，NO2、CO") == [
        ("PM", False),
        ("2.5", True),
        ("为40，NO", False),
        ("2", True),
        ("、CO", False),
    ]
    assert runs("PM2.56") == [("PM2.56", False)]
    assert runs("PM2.5.") == [("PM", False), ("2.5", True), (".", False)]
