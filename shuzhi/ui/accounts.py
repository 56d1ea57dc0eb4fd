"""What the page 账号与权限 shows: accounts, who is signed in and from where, and what each role may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

import pandas as pd

from shuzhi.access import accounts, rights, session, words
from shuzhi.i18n import N_, _, language, when
from shuzhi.registry import places
from shuzhi.settings import BEIJING, settings
from shuzhi.ui import menu, picking, state, widgets
from shuzhi.ui.markup import Html, esc, join, tag

PARTS = {"accounts": N_("账号列表"), "sessions": N_("登录与设备"), "rights": N_("权限矩阵")}
"""Parts of the page."""

DEVICE_ROLES = (*rights.SCREENS, "exchange_client")
"""What a token without a person may be for."""

_NAMED = 2
"""Places that a row names; more are counted."""

_MARKS = {
    "count": N_("数"),
    "see": N_("看"),
    "full": N_("全"),
    "export": N_("导"),
    "change": N_("改"),
    "undo": N_("撤"),
}
"""Actions of the matrix as one sign."""

_DEPTH = {"count": 1, "see": 1, "full": 2, "export": 2, "change": 3, "undo": 3}
"""How far a right goes: look, take out, alter."""

_DEPTHS = (N_("可看"), N_("可看全、可带走"), N_("可改动"))

_BROWSERS = (
    ("MicroMessenger", N_("微信")),
    ("DingTalk", N_("钉钉")),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "Python"),
)
_SYSTEMS = (
    ("HarmonyOS", N_("鸿蒙")),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
"""Signs of a browser and a system in what it says of itself, the telling ones first."""


@dataclass(frozen=True)
class Filters:
    """What the URL chooses of the accounts."""

    text: str = ""
    role: str | None = None
    state: str | None = None


# ---- accounts ----


def load(ctx: state.Context) -> pd.DataFrame:
    """Accounts with their state; read at every run, so that what was done is there at once."""
    table = accounts.table(ctx.home, ctx.scope)
    table["state"] = [accounts.state(row) for row in table.itertuples()]
    return table.sort_values("demo", kind="stable")  # the real ones first


def answer(table: pd.DataFrame, here: pd.DataFrame) -> str:
    """How many accounts, who is in, what needs somebody's eye."""
    locked, one_time = (int((table["state"] == name).sum()) for name in ("locked", "one_time"))
    people = here.loc[here["kind"] == session.PERSON, "login"].nunique()
    sentence = _("{n} 个账号，{here} 人在线，{locked} 个锁定，{one_time} 个一次性口令未换")
    return sentence.format(n=len(table), here=people, locked=locked, one_time=one_time)


def chosen(table: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """The accounts that the filters leave."""
    kept = pd.Series(True, index=table.index)
    if filters.text:
        told = table["login"] + " " + table["name"] + " " + table["places"].map(" ".join)
        kept &= told.str.contains(filters.text.strip().casefold(), case=False, regex=False)
    for name in ("role", "state"):
        if getattr(filters, name):
            kept &= table[name] == getattr(filters, name)
    return table[kept]


@state.shared(max_entries=4)
def place_names(key: tuple, lang: str, _ctx: state.Context) -> dict[str, str]:
    """English names of units and streets; none in Chinese, nor for whom places are not to be seen."""
    if lang == "zh" or not _ctx.scope.may("places"):
        return {}
    found = [ask(_ctx.home, _ctx.scope) for ask in (places.units, places.streets)]
    return {name: english for table in found for name, english in zip(table["name"], table["name_en"], strict=True)}


def listed(table: pd.DataFrame, picked: str | None, names: dict[str, str]) -> Html:
    """The table of accounts; the login opens its card."""
    head = [
        (_("账号"), "login"),
        (_("姓名"), ""),
        (_("角色"), "role"),
        (_("管辖地方"), "places"),
        (_("状态"), ""),
        (_("在线会话"), "num act"),
        (_("最近操作"), "num act"),
    ]
    rows = (
        [
            _account_link(row.login, row.id, row.id == picked),
            row.name,
            words.role_name(row.role),
            places_text(row.role, row.places, names),
            state_mark(row),
            row.sessions or tag("span", "–", class_="sz-muted"),
            ago(row.seen_at) or tag("span", _("从未登录"), class_="sz-muted"),
        ]
        for row in table.itertuples()
    )
    return widgets.table(head, rows, "sz-accounts")


def card(row, sessions: pd.DataFrame, names: dict[str, str]) -> Html:
    """All that is known of an account, and where it is signed in."""
    head = tag("div", join([tag("h2", row.name), tag("span", row.login)]), class_="sz-card-title")
    pairs = [
        (_("角色"), words.role_name(row.role)),
        (_("管辖地方"), places_text(row.role, row.places, names, whole=True)),
        (_("状态"), state_text(row)),
        (_("登录方式"), _how(row)),
        (_("二次验证"), _("已开启") if row.totp else _("未开启")),
        (_("建立时间"), moment(row.created_at)),
        (_("最近操作"), moment(row.seen_at) if pd.notna(row.seen_at) else _("从未登录")),
    ]
    own = sessions[sessions["login"] == row.login]
    lines = (
        tag("li", join([_session_text(one), tag("span", _since(one), class_="sz-muted")])) for one in own.itertuples()
    )
    open_ = tag("ul", join(lines), class_="sz-own-sessions") if len(own) else ""
    return join([head, widgets.facts(pairs), open_])


def state_mark(row) -> Html:
    """State of an account; what is as usual stays quiet."""
    text = words.state_name(row.state)
    return tag("span", text, class_=f"sz-account-state sz-account-{row.state}")


def state_text(row) -> str:
    """State in full: until when it is locked."""
    if row.state == "locked":
        return _("锁定到 {time}，连续输错口令").format(time=moment(row.locked_until))
    return words.state_name(row.state)


def places_text(role: str, own: Iterable[str], names: dict[str, str], whole: bool = False) -> Html:
    """Places of an account: the city, or names, of which a row shows some."""
    known, own = rights.roles().get(role), [names.get(place) or place for place in own]
    if known is not None and known.place == "city":
        return tag("span", _("全市"), class_="sz-muted")
    shown = own if whole else own[:_NAMED]
    text = _("、").join(shown)
    return esc(text if len(shown) == len(own) else _("{names} 等 {n} 处").format(names=text, n=len(own)))


def _account_link(text: str, id: str, picked: bool) -> Html:
    link = picking.link(text, urlencode({"account": id}), state.link("accounts", account=id))
    return tag("b", link) if picked else link


def _how(row) -> str:
    if row.demo:
        return _("演示模式，一键进入")
    return _("单位认证（OIDC）") if row.oidc else _("口令")


# ---- sessions and devices ----


def people_here(sessions: pd.DataFrame, own: str | None, may_end: bool) -> Html:
    """Who is signed in: since when, last act, address, browser."""
    head = [
        (_("谁"), ""),
        (_("角色"), "role"),
        (_("登录"), "num begun"),
        (_("最近操作"), "num"),
        (_("地址"), "after"),
        (_("浏览器"), "agent"),
        ("", "num"),
    ]
    rows = (
        [
            join([tag("b", row.name), " ", tag("span", row.login, class_="sz-muted")]),
            words.role_name(row.role),
            moment(row.started_at),
            ago(row.seen_at),
            row.address,
            browser(row.agent),
            tag("span", _("本会话"), class_="sz-muted") if row.id == own else _end_link(row.id, _("结束"), may_end),
        ]
        for row in sessions.itertuples()
    )
    return widgets.table(head, rows, "sz-sessions")


def devices(sessions: pd.DataFrame, may_end: bool) -> Html:
    """Screens and clients that have a token."""
    head = [(_("设备"), ""), (_("角色"), ""), (_("范围"), ""), (_("建立于"), "num"), ("", "num")]
    rows = (
        [
            tag("b", row.name),
            words.role_name(row.role),
            _("、").join(row.places) or words.place_name(row.role),
            moment(row.started_at),
            _end_link(row.id, _("收回"), may_end),
        ]
        for row in sessions.itertuples()
    )
    return widgets.table(head, rows, "sz-sessions")


def session_text(row) -> str:
    """A session in one line, for the question whether to end it."""
    if row.kind == session.DEVICE:
        return row.name
    return f"{row.name}（{_session_text(row)}）" if language() == "zh" else f"{row.name} ({_session_text(row)})"


def browser(agent: str | None) -> str:
    """Browser and system in words, from what the browser says of itself."""
    if not isinstance(agent, str):
        return "–"
    name = next((_(name) for sign, name in _BROWSERS if sign in agent), _("其他程序"))
    system = next((_(system) for sign, system in _SYSTEMS if sign in agent), None)
    return _("{system} 上的 {browser}").format(system=system, browser=name) if system else name


def _session_text(row) -> str:
    return _("，").join(
        part for part in (row.address, browser(row.agent)) if isinstance(part, str) and part != "–"
    ) or _("未知地址")


def _since(row) -> str:
    return _("{time} 起").format(time=moment(row.started_at))


def _end_link(id: str, text: str, may: bool) -> Html:
    if not may:
        return Html("")
    return picking.link(text, urlencode({"end": id}), state.link("accounts", part="sessions"), stay=True)


# ---- rights ----


def matrix(text: str, picked: str | None) -> Html:
    """Roles × data sets, with what may be done as signs on a ground that is the darker the further it goes."""
    found = rights.matrix()["datasets"]
    ordered = sorted(found, key=lambda name: found[name]["protected"])
    wide = sum(not found[name]["protected"] for name in ordered)
    groups = tag(
        "tr",
        join(
            [
                tag("td", "", colspan="2"),
                tag("th", _("全市数据，不分地方"), colspan=wide, scope="colgroup"),
                tag("th", _("受保护，只限管辖地方"), colspan=len(ordered) - wide, scope="colgroup", class_="edge"),
            ]
        ),
        class_="group",
    )
    heads = [tag("th", _("角色"), scope="col"), tag("th", _("地方"), scope="col")]
    heads += [tag("th", words.dataset_name(name), scope="col", class_=_edge(ordered, name, wide)) for name in ordered]
    shown = [role for role in rights.roles().values() if _matches(text, role.key, role.zh, role.en)]
    body = join(_role_row(role, ordered, wide, role.key == picked) for role in shown)
    if not shown:
        return tag("p", _("没有名称里有“{text}”的角色。").format(text=text), class_="sz-note")
    return tag(
        "table",
        join([tag("thead", join([groups, tag("tr", join(heads))])), tag("tbody", body)]),
        class_="sz-table sz-rights",
    )


def scrolled(table: Html) -> Html:
    """A wide table in a box of its own."""
    return tag("div", table, class_="sz-scroll")


def legend() -> Html:
    """What the signs and the grounds mean."""
    signs = (tag("span", join([tag("b", _(sign)), " ", words.right_name(action)])) for action, sign in _MARKS.items())
    grounds = (
        tag("span", join([tag("i", "", class_=f"sz-right sz-right-{depth}"), _(text)]))
        for depth, text in enumerate(_DEPTHS, 1)
    )
    return tag("div", join([*signs, *grounds]), class_="sz-legend sz-rights-legend")


def role_card(key: str) -> Html:
    """What a role may do, in sentences."""
    role = rights.role(key)
    by_action = {action: [] for action in rights.matrix()["actions"]}
    for dataset in rights.matrix()["datasets"]:
        for action in by_action:
            if (dataset, action) in role.rights:
                by_action[action].append(words.dataset_name(dataset))
    about = rights.matrix()["roles"][key].get(f"about_{language()}")
    pairs = [(_("管什么"), about)] if about else []
    pairs += [(words.right_name(action), _("、").join(names)) for action, names in by_action.items() if names]
    scope = rights.scope_of(key, ())
    pages = [title for file, title in _titles(language()).items() if rights.may(scope, "pages", file)]
    pairs.append((_("可开页面"), _("、").join(pages) or _("没有")))
    head = tag(
        "div", join([tag("h2", words.role_name(key)), tag("span", words.place_name(key))]), class_="sz-card-title"
    )
    return join([head, widgets.facts(pairs)])


def faces(text: str) -> Html:
    """What each page, layer, export and route asks for, and which roles have it."""
    kinds = {"pages": _("页面"), "layers": _("图层"), "exports": _("导出"), "routes": _("接口")}
    head = [(_("种类"), ""), (_("入口"), ""), (_("要求"), ""), (_("哪些角色可以"), "who")]
    rows = []
    for kind, kind_name in kinds.items():
        for name, asked in rights.matrix()[kind].items():
            title = face_name(kind, name)
            needs, who = _needs(asked), _who(kind, name)
            if _matches(text, name, title, needs, who):
                rows.append([kind_name, tag("code", title) if kind == "routes" else title, needs, who])
    if not rows:
        return tag("p", _("没有名称里有“{text}”的入口。").format(text=text), class_="sz-note")
    return widgets.table(head, rows, "sz-faces")


def face_name(kind: str, name: str) -> str:
    """Name of a page, layer, export or route."""
    if kind == "routes":
        return name
    return _titles(language()).get(name, name)


@cache
def _titles(lang: str) -> dict[str, str]:
    return {file: _(title) for _group, pages in menu.existing() for file, title, _path in pages}


def _needs(asked: str) -> str:
    special = {rights.ANYBODY: _("不用登录"), rights.SIGNED_IN: _("已登录"), rights.LAYER: _("看图层而定")}
    if asked in special:
        return special[asked]
    dataset, action = asked.split(":")
    return f"{words.right_name(action)} · {words.dataset_name(dataset)}"


@cache
def _roles_of(kind: str, name: str) -> tuple[str, ...]:
    return tuple(
        key for key in rights.roles() if rights.may(rights.scope_of(key, ()), kind, name, key != rights.PUBLIC)
    )


def _who(kind: str, name: str) -> str:
    """The roles that may, or those that may not where they are fewer."""
    may, every = _roles_of(kind, name), list(rights.roles())
    without = [key for key in every if key not in may]
    if not without:
        return _("全部角色")
    if len(without) < len(may):
        return _("除{names}外的全部角色").format(names=_("、").join(map(words.role_name, without)))
    return _("、").join(map(words.role_name, may)) or _("没有角色")


def _role_row(role: rights.Role, ordered: list[str], wide: int, picked: bool) -> Html:
    name = picking.link(
        words.role_name(role.key), urlencode({"role": role.key}), state.link("accounts", part="rights", role=role.key)
    )
    cells = [
        tag("th", tag("b", name) if picked else name, scope="row"),
        tag("td", words.place_name(role.key), class_="place"),
    ]
    cells += [tag("td", _right(role, dataset), class_=_edge(ordered, dataset, wide)) for dataset in ordered]
    return tag("tr", join(cells), class_="picked" if picked else None)


def _right(role: rights.Role, dataset: str) -> Html:
    actions = [action for action in _MARKS if (dataset, action) in role.rights]
    if not actions:
        return tag("span", "·", class_="sz-right-none")
    depth = max(_DEPTH[action] for action in actions)
    title = _("、").join(words.right_name(action) for action in actions)
    return tag(
        "span", "".join(_(_MARKS[action]) for action in actions), class_=f"sz-right sz-right-{depth}", title=title
    )


def _edge(ordered: list[str], name: str, wide: int) -> str | None:
    return "edge" if ordered.index(name) == wide else None


def _matches(text: str, *names: str) -> bool:
    wanted = text.strip().casefold()
    return not wanted or any(wanted in name.casefold() for name in names)


# ---- times ----


def moment(time) -> str:
    """A time of the ledger (UTC without a zone) as people here read it."""
    if pd.isna(time):
        return "–"
    local = pd.Timestamp(time, tz="UTC").tz_convert(BEIJING)
    same_year = local.year == pd.Timestamp.now(BEIJING).year
    return when(local, _("M月d日 HH:mm") if same_year else _("y年M月d日 HH:mm"))


def ago(time) -> str:
    """How long ago; empty for never."""
    if pd.isna(time):
        return ""
    minutes = int((pd.Timestamp.now("UTC") - pd.Timestamp(time, tz="UTC")).total_seconds() // 60)
    if minutes < 1:
        return _("刚刚")
    if minutes < 60:
        return _("{n} 分钟前").format(n=minutes)
    return _("{n} 小时前").format(n=minutes // 60) if minutes < 24 * 60 else moment(time)


def limits() -> Html:
    """How long a session lives."""
    text = _("会话 {idle} 分钟没有操作即结束，最长 {hours} 小时；页面自动刷新不算操作。设备令牌一直有效，直到收回。")
    return widgets.source(text.format(idle=settings().idle_minutes, hours=settings().session_hours))
