"""What the page 新闻发布 shows: a document made once for a version of the home, its edits, its pieces as HTML."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from shuzhi import i18n
from shuzhi.errors import InputError, NotFoundError
from shuzhi.i18n import _
from shuzhi.publish import drafts, exports
from shuzhi.publish.document import Document, Paragraph, district_names, place_name, write
from shuzhi.publish.facts import Difference, Fact
from shuzhi.publish.figures import newest_day, places
from shuzhi.publish.layout import Grid, pieces, runs
from shuzhi.publish.period import KINDS, Period, containing, parse, spoken, written
from shuzhi.publish.pictures import Picture, pictures
from shuzhi.ui import state, widgets
from shuzhi.ui.markup import Html, join, literal, tag

DEFAULT_KIND = "month"
EDITS, REMOVED = "sz-brief-edits", "sz-brief-removed"


@dataclass(frozen=True)
class Choice:
    """What a briefing is asked of: hashable, and the key of its edits."""

    period: Period
    place: str
    lang: str


@dataclass(frozen=True)
class Made:
    """A document as generated, and its pictures."""

    document: Document
    pictures: tuple[Picture, ...]


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Another language for the text of a document than for the page around it."""
    before = i18n.language()
    i18n.use(lang)
    try:
        yield
    finally:
        i18n.use(before)


@state.shared(max_entries=32)
def make(key: tuple, choice: Choice, newest: dt.date, _ctx: state.Context) -> Made:
    """The document of a choice and its pictures."""
    with speaking(choice.lang):
        document = write(_ctx.home, _ctx.scope, choice.period, choice.place)
        return Made(document, pictures(_ctx.home, _ctx.scope, document))


@state.shared(max_entries=4)
def load_newest(key: tuple, today: dt.date, _ctx: state.Context) -> dt.date | None:
    """The newest day that is over, None in a home without readings."""
    return newest_day(_ctx.home, _ctx.scope)


@state.shared(max_entries=8)
def load_places(key: tuple, lang: str, _ctx: state.Context) -> dict[str, str]:
    """Places with stations and how they are called, the city first."""
    names, city = district_names(_ctx.home, _ctx.scope), _ctx.home.city
    return {place: place_name(place, names, place == city) for place in places(_ctx.home, _ctx.scope)}


@state.shared(max_entries=4)
def load_months(key: tuple, _ctx: state.Context) -> list[str]:
    """Months with readings, the newest first: ``2019-08``."""
    return _ctx.home.engine.run("air_months", _ctx.scope)["month"].tolist()[::-1]


def choice(ctx: state.Context, newest: dt.date) -> Choice:
    """What the URL asks for; what it asks wrongly becomes the newest month of the city."""
    kind = state.url("period") if state.url("period") in KINDS else DEFAULT_KIND
    known = load_places(ctx.key, ctx.lang, ctx)
    place = state.url("place") if state.url("place") in known else ctx.home.city
    lang = state.url("doc") if state.url("doc") in i18n.LANGUAGES else ctx.lang
    return Choice(_period(ctx, kind, newest), place, lang)


def _period(ctx: state.Context, kind: str, newest: dt.date) -> Period:
    try:
        return parse(kind, state.url("of")) if state.url("of") else containing(kind, _day(ctx, newest))
    except InputError:
        return containing(kind, newest)


def _day(ctx: state.Context, newest: dt.date) -> dt.date:
    return newest if ctx.at is None else min(ctx.at.date(), newest)


def choose(**values) -> None:
    """Write another choice into the URL; the draft that was open is left."""
    state.set_url(draft=None, **values)


def choose_kind(kind: str, period: Period, newest: dt.date) -> None:
    """Another kind of period around the same days."""
    choose(period=kind, of=written(containing(kind, min(period.last, newest))))


def year_choices(months: Sequence[str]) -> dict[str, str]:
    """Months as the end of "this year so far": the text of the URL → what is shown."""
    return {month: spoken(parse("year", month)) for month in months}


def month_choices(months: Sequence[str]) -> dict[str, str]:
    """Months: the text of the URL → what is shown."""
    return {month: spoken(parse("month", month)) for month in months}


# ---- edits ----


def edits(ctx: state.Context, chosen: Choice) -> dict[str, str]:
    """The officer's texts of a choice in this session; at first those of the draft that the URL names."""
    every = st.session_state.setdefault(EDITS, {})
    if chosen not in every:
        draft = open_draft(ctx)
        ours = draft is not None and of_draft(draft) == chosen
        every[chosen] = dict(draft.edits) if ours else {}
    return every[chosen]


def open_draft(ctx: state.Context) -> drafts.Draft | None:
    """The draft that the URL names, None where there is none."""
    if not state.url("draft"):
        return None
    try:
        return drafts.find(ctx.home, ctx.scope, state.url("draft"))
    except NotFoundError:
        return None


def of_draft(draft: drafts.Draft) -> Choice:
    """What a draft is of."""
    return Choice(draft.period, draft.place, draft.language)


def visit(draft: drafts.Draft) -> None:
    """Open a draft: its choice in the URL, its texts in place of those of the session."""
    chosen = of_draft(draft)
    st.session_state.setdefault(EDITS, {})[chosen] = dict(draft.edits)
    period = {"period": chosen.period.kind, "of": written(chosen.period)}
    state.set_url(**period, place=chosen.place, doc=chosen.lang, draft=draft.id)


def keep(ctx: state.Context, document: Document) -> None:
    """Save the document as the draft that is open, or as a new one."""
    draft = open_draft(ctx)
    state.set_url(draft=drafts.save(ctx.home, ctx.scope, document, draft.id if draft else None).id)


def remove(ctx: state.Context, draft: drafts.Draft) -> None:
    """Delete a draft; it can be brought back."""
    st.session_state[REMOVED] = drafts.remove(ctx.home, ctx.scope, draft.id)
    if state.url("draft") == draft.id:
        state.set_url(draft=None)


def bring_back(ctx: state.Context) -> None:
    """Undo the last deletion."""
    drafts.restore(ctx.home, ctx.scope, st.session_state.pop(REMOVED))


def draft_label(draft: drafts.Draft, is_open: bool) -> str:
    """Title of a draft, bold while it is open, its language and when it was saved; Markdown."""
    title = literal(draft.title)
    language = {"zh": _("中文"), "en": _("英文")}[draft.language]
    saved = _("{language}，{time} 保存").format(language=language, time=f"{draft.edited_at:%m-%d %H:%M}")
    return f"{f'**{title}**' if is_open else title} :gray[{saved}]"


def outdated(draft: drafts.Draft | None, document: Document) -> bool:
    """Newer data came in after the draft was saved."""
    as_of = document.figures.as_of
    return draft is not None and as_of is not None and as_of.to_pydatetime() > draft.as_of


# ---- files ----


def offers(ctx: state.Context, made: Made, document: Document, kinds) -> list[tuple[exports.Kind, str, Callable]]:
    """Files of the document as it stands: kind, file name, and what makes it, in the language of the document."""

    def later(kind: exports.Kind) -> Callable[[], bytes]:
        def run() -> bytes:
            i18n.use(document.language)
            return exports.export(ctx.home, ctx.scope, kind, document, made.pictures)

        return run

    with speaking(document.language):
        return [(kind, kind.file_name(document), later(kind)) for kind in kinds]


# ---- pieces as HTML ----


def paper(made: Made, document: Document) -> list[Html | Picture]:
    """The document as blocks of HTML and pictures, few blocks: what stands together is one."""
    with speaking(document.language):
        blocks: list[Html | Picture] = [_top(document)]
        for piece in pieces(document, made.pictures):
            if isinstance(piece, Picture):
                blocks += [piece, tag("p", rich(piece.caption), class_="sz-caption")]
            else:
                blocks[-1:] = [join([blocks[-1], _piece(piece, document)])]
        blocks[-1:] = [join([blocks[-1], _notes(document)])]
    return blocks


def _piece(piece: Paragraph | Grid, document: Document) -> Html:
    if isinstance(piece, Grid):
        return _grid(piece)
    heading = tag("h3", rich(piece.heading)) if piece.heading else Html("")
    name = "sz-lead" if piece is document.shown[0] else "sz-para"
    return join([heading, tag("p", join(_marked(part) for part in piece.parts), class_=name)])


def _top(document: Document) -> Html:
    line = tag("div", join([tag("span", document.dateline), tag("span", document.mark, class_="sz-mark")]))
    return tag("div", join([line, tag("h2", rich(document.title.text))]), class_="sz-paper-top")


def _notes(document: Document) -> Html:
    return tag("div", join(tag("p", rich(note)) for note in document.notes), class_="sz-paper-notes")


def _grid(grid: Grid) -> Html:
    kinds = ["" if column < grid.words else "num" for column in range(len(grid.heads))]
    heads = [(rich(head), kind) for head, kind in zip(grid.heads, kinds, strict=True)]
    table = widgets.table(heads, ([rich(cell) for cell in row] for row in grid.rows), "sz-paper-table")
    return join([tag("p", rich(grid.caption), class_="sz-caption"), tag("div", table, class_="sz-scroll")])


def rich(text: str) -> Html:
    """Escaped text with the digits of pollutants lowered, as in every file."""
    return join(tag("sub", run) if lowered else run for run, lowered in runs(text))


def _marked(part: str | Fact) -> Html:
    if not isinstance(part, Fact):
        return join((rich(line) for line in part.split("\n")), "<br>")
    return tag("span", part.text, class_="sz-fact", title=origin(part))


def origin(fact: Fact) -> str:
    """Where a number comes from, in some lines."""
    lines = [f"{fact.label} {fact.text} {fact.unit}".strip(), fact.method, fact.source.call, as_of(fact)]
    return "\n".join(lines)


def as_of(fact: Fact) -> str:
    """Up to when the data of a number were taken in."""
    time = fact.source.as_of
    return _("数据截至{time}").format(time="–" if time is None else f"{time:%Y-%m-%d %H:%M}")


def sources(document: Document) -> Html:
    """Every number with its method, grouped by the query that it comes from."""
    groups: dict = {}
    for fact in document.facts:
        groups.setdefault(fact.source, {}).setdefault((fact.label, fact.text, fact.unit, fact.method), fact)
    return join(_source(list(facts.values())) for facts in groups.values())


def _source(facts: Sequence[Fact]) -> Html:
    source = facts[0].source
    rows = (
        tag(
            "li",
            join([tag("span", rich(fact.label)), tag("b", f"{fact.text} {fact.unit}"), tag("em", rich(fact.method))]),
        )
        for fact in facts
    )
    call = tag("code", source.call, class_="sz-command")
    return tag("div", join([call, tag("p", as_of(facts[0])), tag("ul", join(rows))]), class_="sz-origin")


def warning(difference: Difference) -> str:
    """What differs between an edited text and the data, in one sentence; empty where nothing does."""
    if not difference:
        return ""
    parts = []
    if difference.missing:
        gone = _("、").join(f"{fact.text}（{fact.label}）" for fact in difference.missing)
        parts.append(_("缺少 {numbers}").format(numbers=gone))
    if difference.foreign:
        parts.append(_("不在数据中 {numbers}").format(numbers=_("、").join(difference.foreign)))
    return _("文中数字与数据不一致：{what}").format(what=_("；").join(parts))


def warnings(document: Document) -> dict[str, str]:
    """Paragraph key → what differs, of those where anything does."""
    found = {paragraph.key: warning(paragraph.difference) for paragraph in document.every}
    return {key: text for key, text in found.items() if text}


def paragraph_name(paragraph: Paragraph) -> str:
    """What a paragraph is called above its field."""
    return paragraph.heading or {"title": _("标题"), "lead": _("导语")}[paragraph.key]
