"""Results that all sessions share."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from shuzhi.ui.memo import Memo


def counted(max_entries=8):
    calls = []

    def function(key, value, _context):
        """What it does."""
        calls.append((key, value, _context))
        return [value]

    return Memo(function, max_entries), calls


def test_a_result_is_made_once_for_its_key_and_everybody_gets_the_same():
    memo, calls = counted()
    assert memo("a", 1, "first") is memo("a", 1, "second")
    assert memo("a", 2, "third") == [2]
    assert calls == [("a", 1, "first"), ("a", 2, "third")]
    assert memo.__doc__ == "What it does."


def test_the_one_asked_for_longest_ago_goes_first():
    memo, calls = counted(max_entries=2)
    for value in (1, 2, 1, 3, 1, 2):
        memo("a", value, None)
    assert [value for _key, value, _context in calls] == [1, 2, 3, 2]


def test_an_error_is_not_kept():
    answers = iter([ZeroDivisionError(), 5])

    def function(key):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    memo = Memo(function, 2)
    with pytest.raises(ZeroDivisionError):
        memo("a")
    assert memo("a") == 5


def test_threads_that_ask_for_the_same_make_it_once():
    calls = []

    def function(key):
        calls.append(key)
        sleep(0.05)
        return object()

    memo = Memo(function, 2)
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(memo, ["a"] * 4))
    assert (len(found), calls) == (1, ["a"])


def test_an_argument_that_cannot_be_a_key_is_refused():
    with pytest.raises(TypeError):
        counted()[0]("a", [1], None)
