"""Drafts in the ledger: kept, opened, deleted, brought back."""

import pytest

from shuzhi.errors import NotFoundError
from shuzhi.publish import drafts
from shuzhi.store import Scope, open_home

ALL = Scope.all()


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "home")


def test_a_draft_is_kept_with_its_edits(home, august):
    document = august[0].with_edits({"lead": "新的导语。", "title": "标题"})
    kept = drafts.save(home, ALL, document)
    (found,) = drafts.every(home, ALL)
    assert found == drafts.find(home, ALL, kept.id)
    assert (found.edits, found.title) == ({"lead": "新的导语。", "title": "标题"}, "标题")
    assert (found.period, found.place, found.language) == (document.figures.asked, "成都", "zh")
    assert found.as_of == document.figures.as_of.to_pydatetime()


def test_saving_again_replaces(home, august):
    first = drafts.save(home, ALL, august[0])
    drafts.save(home, ALL, august[0].with_edits({"lead": "二稿。"}), first.id)
    (found,) = drafts.every(home, ALL)
    assert found.edits == {"lead": "二稿。"}
    assert found.edited_at >= first.edited_at


def test_a_deletion_can_be_undone(home, august):
    kept = drafts.save(home, ALL, august[0])
    removed = drafts.remove(home, ALL, kept.id)
    assert drafts.every(home, ALL) == []
    with pytest.raises(NotFoundError, match="may have been deleted"):
        drafts.remove(home, ALL, kept.id)
    drafts.restore(home, ALL, removed)
    assert drafts.every(home, ALL) == [removed]
