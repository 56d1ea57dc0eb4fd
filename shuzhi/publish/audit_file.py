"""The audit as a file: exactly the events that are searched for; text from outside never becomes a formula."""

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from shuzhi.access import audit, words
from shuzhi.errors import InputError
from shuzhi.i18n import _
from shuzhi.publish import tables
from shuzhi.publish.hand_out import hand_out
from shuzhi.settings import BEIJING
from shuzhi.store import Home, Scope

FORMATS = {"csv": tables.CSV_TYPE, "xlsx": tables.XLSX_TYPE}
"""Ending of the file → its type."""

MOST = 1_000_000
"""Events that a file holds, the newest; a sheet of a workbook takes no more."""

_WIDTHS = (10, 26, 10, 16, 34, 18, 34, 18, 14, 30, 10, 60)


def export(
    home: Home,
    scope: Scope,
    ending: str,
    text: str = "",
    actions: Iterable[str] = (),
    outcomes: Iterable[str] = (),
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> bytes:
    """Events as CSV or Excel, newest first; parameters as for :func:`shuzhi.access.audit.search`.

    Raises
    ------
    ScopeError
        If the audit may not be exported.
    InputError
        If the ending is none of ``FORMATS``.
    """
    if ending not in FORMATS:
        raise InputError(f"the audit is written as {' or '.join(FORMATS)}, not as '{ending}'")
    asked = {"text": text, "actions": list(actions), "outcomes": list(outcomes), "since": since, "until": until}

    def make() -> bytes:
        events, total = audit.search(home, scope, **asked, limit=MOST)
        table = readable(events)
        if ending == "csv":
            return tables.to_csv(table)
        notes = [(_("事件数"), str(total)), (_("来源"), _("数智环境，{city}").format(city=home.city))]
        return tables.to_xlsx([tables.Sheet(_("审计"), notes, table, _WIDTHS)])

    chosen = {name: value for name, value in asked.items() if value}
    return hand_out(home, scope, "audit", f"audit.{ending}", make, where=chosen)


def readable(events: pd.DataFrame) -> pd.DataFrame:
    """Events with heads for people; times in Beijing, words for actions and outcomes."""
    columns = {
        _("编号"): events["seq"],
        _("时间（北京时间）"): pd.to_datetime(events["at"]).dt.tz_localize("UTC").dt.tz_convert(BEIJING),
        _("身份"): [words.actor_kind_name(kind) for kind in events["actor_kind"]],
        _("谁"): events["actor_name"],
        _("账号标识"): events["actor"],
        _("地址"): events["address"],
        _("会话"): events["session"],
        _("动作"): [words.action_name(action) for action in events["action"]],
        _("数据"): [words.dataset_name(dataset) for dataset in events["dataset"]],
        _("对象"): events["object"],
        _("结果"): [words.outcome_name(outcome) for outcome in events["outcome"]],
        _("详情"): events["detail"],
    }
    table = pd.DataFrame({name: pd.Series(list(values), dtype=object) for name, values in columns.items()})
    return table.where(table.notna(), None)
