"""Unified social credit codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuzhi.standards import credit_code as cc

# Published codes of real units.
GOOD = ["91440101MA5CJQ4N59", "91130200699229617X", "91350200776049653A", "913502000728319549"]
PILOTS = ["91350211M0000XUF46", "91350100M0001TGQXM", "91350203M0001FUE2P", "91350203M0001QAY9B"]


@pytest.mark.parametrize("code", GOOD)
def test_real_codes(code):
    assert cc.faults([code]).tolist() == [cc.GOOD]
    assert cc.completed([code[:16]]).tolist() == [code]


@pytest.mark.parametrize("code", PILOTS)
def test_codes_of_the_pilots_fail_the_rule(code):
    assert cc.faults([code]).tolist() == [cc.WRONG_CHECK]


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("", cc.WRONG_LENGTH),
        (None, cc.WRONG_LENGTH),
        (GOOD[0][:17], cc.WRONG_LENGTH),
        (GOOD[0] + "1", cc.WRONG_LENGTH),
        (GOOD[0].lower(), cc.WRONG_CHARACTER),
        (GOOD[0][:17] + "字", cc.WRONG_CHARACTER),
        (GOOD[0].replace("M", "I"), cc.WRONG_CHARACTER),
    ],
)
def test_faults(code, fault):
    assert cc.faults([code]).tolist() == [fault]


def test_the_organisation_code_has_a_check_character_of_its_own():
    wrong = GOOD[1][:16] + str((int(GOOD[1][16]) + 1) % 10)
    ends = cc.faults([wrong + last for last in cc.ALPHABET]).tolist()
    assert (ends.count(cc.WRONG_ORGANISATION), ends.count(cc.WRONG_CHECK)) == (1, 30)


@given(st.lists(st.text(st.sampled_from(cc.ALPHABET), min_size=16, max_size=16), max_size=5))
def test_completed_codes_are_good(beginnings):
    assert cc.faults(cc.completed(beginnings).tolist()).tolist() == [cc.GOOD] * len(beginnings)


@given(
    st.sampled_from(GOOD),
    st.integers(0, 17),
    st.sampled_from(cc.ALPHABET),
)
def test_one_wrong_character_is_found(code, at, character):
    changed = code[:at] + character + code[at + 1 :]
    assert (cc.faults([changed])[0] == cc.GOOD) == (changed == code)
