"""What the page 审计 shows: how much happened, the events that match, one of them in full, whether the chain holds."""

import datetime as dt
import json
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

import pandas as pd

from shuzhi import i18n
from shuzhi.access import audit, review, words
from shuzhi.charts.audit import colours
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import N_, _, when
from shuzhi.publish import audit_file
from shuzhi.settings import BEIJING
from shuzhi.ui import picking, state, widgets
from shuzhi.ui.chain import Check
from shuzhi.ui.markup import Html, join, tag

ROWS = 50
"""Events of one page of the list."""

PERIODS = {"1": N_("24 小时"), "7": N_("7 天"), "30": N_("30 天"), "all": N_("全部")}
"""Days back that the URL asks for."""

_HOURLY = 7  # days up to which the picture has hours
_DRAWN = 30  # days that the picture of everything shows
_DAY = pd.Timedelta(days=1)
_SHORT = 16  # signs of a seal that are shown


@dataclass(frozen=True)
class Filters:
    """What the URL chooses of the events."""

    text: str = ""
    actions: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    period: str = "7"

    @property
    def since(self) -> dt.datetime | None:
        """From when on, as the ledger keeps times; None for everything."""
        return None if self.period == "all" else ago(int(self.period))

    @property
    def asked(self) -> dict:
        """As parameters of :func:`shuzhi.access.audit.search`."""
        return {"text": self.text, "actions": self.actions, "outcomes": self.outcomes, "since": self.since}


def ago(days: int) -> dt.datetime:
    """So many days before now, in UTC without a zone, on the full minute."""
    return (pd.Timestamp.now("UTC").floor("min") - days * _DAY).tz_localize(None).to_pydatetime()


@state.shared(max_entries=32)
def summarised(key: tuple, since: dt.datetime, _ctx: state.Context) -> pd.DataFrame:
    """How much happened since then; the key ends with the newest event, and `since` is a full minute."""
    return review.summary(_ctx.home, _ctx.scope, since)


@state.shared(max_entries=8)
def known_actions(key: tuple, _ctx: state.Context) -> list[str]:
    """Every action that an event has."""
    return review.actions(_ctx.home, _ctx.scope)


def answer(today: pd.DataFrame, day: pd.DataFrame) -> str:
    """How much happened today, and what of the last 24 hours a person should know.

    Parameters
    ----------
    today, day : DataFrame
        :func:`shuzhi.access.review.summary` since midnight, and of 24 hours.
    """
    done = day[day["outcome"] == audit.DONE].groupby("action")["n"].sum()
    refused = day.loc[day["outcome"] == audit.REFUSED, "n"].sum()
    text = _("今天 {n} 个事件；24 小时内被拒绝 {refused} 次，导出 {exports} 次，查看完整信息 {full} 次")
    numbers = {"n": today["n"].sum(), "refused": refused, "exports": done.get("export", 0), "full": done.get("full", 0)}
    return text.format(**{name: f"{int(value):,}" for name, value in numbers.items()})


def midnight() -> dt.datetime:
    """Begin of today in Beijing, as the ledger keeps times."""
    return pd.Timestamp.now(BEIJING).normalize().tz_convert("UTC").tz_localize(None).to_pydatetime()


def counted(summary: pd.DataFrame, period: str) -> tuple[pd.DataFrame, pd.Timedelta]:
    """Events by hour or by day and kind, every step of the period; and the step.

    Returns
    -------
    DataFrame
        time (begin of the step, Beijing), kind, n.
    """
    days = _DRAWN if period == "all" else int(period)
    unit, step = ("h", pd.Timedelta(hours=1)) if days <= _HOURLY else ("D", _DAY)
    now = pd.Timestamp.now(BEIJING)
    steps = pd.date_range((now - days * _DAY).floor(unit) + step, now.floor(unit), freq=step)
    table = pd.DataFrame({"time": summary["hour"].dt.tz_convert(BEIJING).dt.floor(unit)})
    table = table.assign(kind=summary["kind"], n=summary["n"]).groupby(["time", "kind"], as_index=False)["n"].sum()
    table = table[table["time"] >= steps[0]]
    silent = steps.difference(table["time"])
    return pd.concat([table, pd.DataFrame({"time": silent, "kind": review.KINDS[0], "n": 0})]), step


def legend(summary: pd.DataFrame, dark: bool) -> Html:
    """Colour, name and number of each kind."""
    shades, numbers = colours(tokens(dark)), summary.groupby("kind")["n"].sum()
    entries = (
        tag(
            "span",
            join(
                [
                    tag("i", "", class_="sz-swatch", style=f"background:{shades[kind]}"),
                    _(words.KINDS[kind]),
                    tag("b", f"{int(numbers.get(kind, 0)):,}"),
                ]
            ),
        )
        for kind in review.KINDS
    )
    return tag("div", join(entries), class_="sz-legend")


def listed(events: pd.DataFrame, picked: int | None) -> Html:
    """The events; the time opens one."""
    head = [
        (_("时间"), ""),
        (_("谁"), "who"),
        (_("做了什么"), "deed"),
        (_("对象"), "object"),
        (_("结果"), ""),
        (_("地址"), "from"),
    ]
    rows = ([*_cells(row, row.seq == picked)] for row in events.itertuples())
    return widgets.table(head, rows, "sz-audit")


def card(event: dict | None, seq: int) -> Html:
    """One event with everything that is kept of it."""
    if event is None:
        return tag("p", _("没有编号 {seq} 的事件。").format(seq=seq), class_="sz-note")
    detail = json.loads(event["detail"])
    head = [tag("h2", words.deed(event["action"], detail)), tag("span", f"№ {event['seq']:,}")]
    actor = words.actor_kind_name(event["actor_kind"])
    pairs = [
        (_("时间"), when(_local(event["at"]), _("y年M月d日 HH:mm:ss"))),
        (_("谁"), join([_name(event["actor_name"], event["actor_kind"]), " ", tag("span", actor, class_="sz-muted")])),
        (_("结果"), outcome(event["outcome"])),
        (_("数据"), words.dataset_name(event["dataset"]) or "–"),
        (_("对象"), event["object"]),
        (_("地址"), event["address"]),
        *((words.detail_name(name), words.detail_value(name, value)) for name, value in detail.items()),
    ]
    seals = [(_("本条印记"), event["digest"]), (_("上条印记"), event["previous"])]
    sealed = ((name, tag("code", f"{seal[:_SHORT]}…", title=seal)) for name, seal in seals)
    facts = [widgets.facts(pairs), widgets.facts(sealed)]
    return join([tag("div", join(head), class_="sz-card-title"), *facts])


def outcome(key: str) -> Html:
    """The outcome; what is not as usual stands out."""
    return tag("span", words.outcome_name(key), class_=f"sz-outcome sz-outcome-{key}")


def chain_text(check: Check | None) -> tuple[str, str]:
    """Whether the chain holds: the answer, and how it is known."""
    if check is None:
        return _("审计链尚未核对"), _("事件很多时不自动核对，按下面的按钮开始。")
    if check.running:
        share = check.done / check.total if check.total else 0
        return _("正在核对审计链 {share}"), f"{share:.0%}"
    if check.failed:
        return _("核对没有完成"), _("读取账本时出错，请再试一次；仍不行时看日志。")
    found = check.found
    how = _("{time} 核对 {n} 个事件，用时 {seconds} 秒").format(
        time=when(check.at, _("M月d日 HH:mm")), n=f"{found.events:,}", seconds=f"{check.seconds:.1f}"
    )
    if found.faults:
        return _("审计链有 {n} 处不符").format(n=f"{len(found.faults):,}"), how
    return _("审计链完整"), how


def faults(check: Check) -> Html:
    """The first faults, by number of the event."""
    lines = (tag("li", f"№ {fault.seq:,}：{_fault(fault.what)}") for fault in check.found.faults[:5])
    return tag("ul", join(lines), class_="sz-faults")


def files(ctx: state.Context, chosen: Filters) -> list[tuple[str, str, partial]]:
    """Files of the events chosen: ending, type, and what makes it in the language of the page."""

    def make(ending: str) -> bytes:
        i18n.use(ctx.lang)
        return audit_file.export(ctx.home, ctx.scope, ending, **chosen.asked)

    return [(ending, mime, partial(make, ending)) for ending, mime in audit_file.FORMATS.items()]


def _cells(row, picked: bool) -> list:
    detail = json.loads(row.detail)
    time = picking.link(_stamp(row.at), urlencode({"event": row.seq}), state.link("audit", event=row.seq))
    what = words.deed(row.action, detail)
    dataset = words.dataset_name(row.dataset)
    return [
        tag("b", time) if picked else time,
        _name(row.actor_name, row.actor_kind),
        join([tag("b", what), " ", tag("span", dataset, class_="sz-muted")]),
        row.object if isinstance(row.object, str) else "",
        outcome(row.outcome),
        tag("span", row.address if isinstance(row.address, str) else "", class_="sz-muted"),
    ]


def _name(name: str, kind: str) -> str:
    """Who it was; the public has no name."""
    return name or words.actor_kind_name(kind)


def _fault(what: str) -> str:
    known = {"it was altered": _("内容被改动"), "it does not follow the event before it": _("与上一条接不上")}
    return known.get(what, what)


def _stamp(time) -> str:
    return _local(time).strftime("%m-%d %H:%M:%S")


def _local(time) -> pd.Timestamp:
    return pd.Timestamp(time, tz="UTC").tz_convert(BEIJING)
