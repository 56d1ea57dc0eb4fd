"""Which column means what."""

import pytest

from shuzhi.errors import InputError
from shuzhi.ingest import blank
from shuzhi.ingest.cells import words_of
from shuzhi.ingest.template import REGISTERS, Head, Matcher, builtin, head, load, plain, table
from shuzhi.registry.names import names_of
from shuzhi.store.schema import DELIVERED


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("颗粒物", ("颗粒物", "", None)),
        ("2024年颗粒物排放量（吨/年）", ("颗粒物", "吨/年", 2024)),
        ("SO₂ 实际排放量[kg]", ("so2", "kg", None)),
        ("* 企业 名称：", ("企业名称", "", None)),
        ("排放量", ("排放量", "", None)),
        ("颗粒物产生量", ("颗粒物产生量", "", None)),
    ],
)
def test_heads_are_taken_apart(text, parts):
    assert head(text) == Head(*parts)


def test_templates_have_the_columns_of_the_registers():
    assert tuple(builtin("inventory").fields) == DELIVERED["source"]
    assert tuple(builtin("machines").fields) == DELIVERED["machine"]
    assert tuple(builtin("positions").fields) == ("machine", "time", "lon", "lat")


@pytest.mark.parametrize("register", REGISTERS)
def test_no_name_means_two_fields(register):
    matcher = Matcher(builtin(register))
    for row in table(register).itertuples(index=False):
        assert {matcher.field_of(name) for name in row.names.split("|")} == {row.field}
        assert matcher.field_of(blank.headers(register)[row.field]) == row.field


@pytest.mark.parametrize("codes", ["permit_classes", "statuses", "machine_types", "stages", "fuels"])
def test_no_word_means_two_codes(codes):
    words = words_of(codes)
    for row in names_of(codes).itertuples():
        for word in (row.name_zh, row.name_en, *row.words.split("|")):
            assert not word or words[plain(word)] == row.Index


def test_the_better_name_wins():
    matches, unknown = Matcher(builtin("inventory")).match(["企业名称", "行业名称", "行业代码", "备注"], {})
    assert (matches["industry"].head, unknown) == ("行业代码", ["行业名称", "备注"])


def test_two_columns_of_one_name():
    with pytest.raises(InputError, match="columns 1 and 2 both give name"):
        Matcher(builtin("inventory")).match(["企业名称", "企业 名称"], {})


def test_a_missing_column_is_told_with_the_nearest():
    with pytest.raises(InputError, match="columns missing: 企业名称.*Column 2 “企业名秤” looks like “企业名称”"):
        Matcher(builtin("inventory")).match(["经度", "企业名秤"], {"file": "x.csv", "line": 1})


def test_a_template_of_its_own(write):
    lines = [
        "field,names,unit,values",
        "name,厂名,,",
        "pm,粉尘,kg,",
        "permit_class,,,甲=key|乙=registered",
        "crs,,,bd09",
    ]
    path = write("t.csv", "\n".join(lines) + "\n")
    template = load("inventory", path)
    assert template.fields["name"].names[0] == "厂名"
    assert template.fields["pm"].unit == "kg"
    assert template.fields["permit_class"].values == {"甲": "key", "乙": "registered"}
    assert template.crs == "bd09"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("colour,,,", "unknown field “colour”"),
        ("status,,,好", "“好” has no meaning"),
        ("status", "broken line"),
    ],
)
def test_a_wrong_template(write, line, message):
    with pytest.raises(InputError, match=message):
        load("inventory", write("t.csv", f"field,names,unit,values\n{line}\n"))


def test_no_such_template():
    with pytest.raises(InputError, match="no such file"):
        load("inventory", "nowhere")
