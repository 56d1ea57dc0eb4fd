"""What a run of a page knows: the home, the language, the mode, the hour asked for; and the URL that carries it."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pandas as pd
import streamlit as st

from shuzhi import i18n
from shuzhi.access import Person, session
from shuzhi.settings import BEIJING, settings
from shuzhi.store import Home, Scope, open_home
from shuzhi.ui import theme
from shuzhi.ui.memo import Memo

SHARED = ("lang", "at", "edition", "wall")
"""Parameters that stay when the person goes to another page; the rest belong to the page that wrote them."""

STAYING = ("lang", "wall")
"""Of these, the ones that nothing but their own switch changes."""

EDITIONS = ("auto", "2012", "2026")
_KEPT, _PAGE, _DRAWN, _BY_ITSELF, _WHO = "sz-kept", "sz-page", "sz-drawn", "sz-by-itself", "sz-who"


@dataclass(frozen=True)
class Context:
    """One run of a page.

    Attributes
    ----------
    home : Home
    person : Person
        Who looks.
    version : int
        Rises after each import; part of every cache key.
    lang : str
        ``zh`` or ``en``.
    dark : bool
    at : pandas.Timestamp or None
        Hour asked for in the URL (end of the hour, Beijing); None means the latest.
    edition : str
        ``auto``, ``2012`` or ``2026``.
    wall : bool
        Situation-room wall: root of 18 px.
    """

    home: Home
    person: Person
    version: int
    lang: str
    dark: bool
    at: pd.Timestamp | None
    edition: str
    wall: bool

    @property
    def scope(self) -> Scope:
        """What the person may see and do."""
        return self.person.scope

    @property
    def key(self) -> tuple[str, int, Scope]:
        """First argument of every cached function: which home, at which version, and what may be seen of it."""
        return str(self.home.path), self.version, self.scope

    @property
    def open_key(self) -> tuple[str, int, Scope]:
        """The same for what no place binds: a district's users share it with the whole city's."""
        return str(self.home.path), self.version, self.scope.city_wide

    @property
    def scale(self) -> float:
        """Text scale of charts."""
        return scale(self.wall)


def scale(wall: bool) -> float:
    """Text scale of charts: the wall's root has 18 px instead of 16."""
    return 1.125 if wall else 1.0


@st.cache_resource(show_spinner=False, max_entries=8)
def _open(path: str) -> Home:
    return open_home(path)


def home() -> Home:
    """The home of this process, opened once and shared by all sessions."""
    return _open(str(settings().home))


def token() -> str | None:
    """What the browser holds of its session."""
    return st.context.cookies.get(session.COOKIE)


def person() -> Person:
    """Who looks at this run, asked of the ledger each time: a session that was ended is dead at the next click."""
    address = st.context.ip_address
    return session.person(home(), token(), address if isinstance(address, str) else None)


def begin(who: Person) -> None:
    """Let this run be the person's. What the tab holds for another session is let go of: one whose line was cut takes
    it up with the cookie of now."""
    if _WHO in st.session_state and st.session_state[_WHO].session != who.session:
        st.session_state.clear()
    st.session_state[_WHO] = who


def act(who: Person) -> None:
    """Keep the person's session alive, unless the page drew itself again without anybody's act."""
    if not st.session_state.pop(_BY_ITSELF, False):
        session.touch(home(), who)


def context() -> Context:
    """The context of this run, after :func:`begin`."""
    here = home()
    return Context(
        home=here,
        person=st.session_state[_WHO],
        version=here.version,
        lang=i18n.language(),
        dark=theme.is_dark(),
        at=hour(url("at")),
        edition=url("edition") if url("edition") in EDITIONS else "auto",
        wall=url("wall") == "1",
    )


def follow(ctx: Context) -> None:
    """Notice a new version of the home, and that an hour has passed, and draw the page again; nothing else moves.

    A page of the past (``at`` in the URL) stays as it is, until its session ends.
    """
    _watch(ctx.person, ctx.at is None)


def watch_session(who: Person) -> None:
    """Notice that the session has become another one; for what is shown to whom a page is refused."""
    _watch(who, False)


def _watch(who: Person, live: bool) -> None:
    st.session_state[_DRAWN] = _moment(who, live)
    st.fragment(_watch_home, run_every=settings().watch_seconds)(live)


def _watch_home(live: bool) -> None:
    if st.session_state[_DRAWN] != _moment(person(), live):
        st.session_state[_BY_ITSELF] = True
        st.rerun(scope="app")


def _moment(who: Person, live: bool) -> tuple:
    """What a page is drawn for: whose session, and while it is live the data and the hour."""
    now = (home().version, pd.Timestamp.now(BEIJING).floor("h")) if live else ()
    return who.session, *now


def url(key: str, default: str | None = None) -> str | None:
    """A parameter of the URL; ``default`` where it is missing or empty."""
    return st.query_params.get(key) or default


def set_url(**values) -> None:
    """Write parameters into the URL; None removes one. Nothing is sent when nothing changes."""
    for key, value in values.items():
        if value is None:
            if key in st.query_params:
                del st.query_params[key]
        elif st.query_params.get(key) != str(value):
            st.query_params[key] = str(value)


def hour(text: str | None) -> pd.Timestamp | None:
    """``2019-08-26T15:00`` as a Beijing time on the full hour; None for anything that is no time."""
    try:
        stamp = pd.Timestamp(text) if text else pd.NaT
    except ValueError:
        return None
    if pd.isna(stamp):
        return None
    stamp = stamp.tz_convert(BEIJING) if stamp.tz else stamp.tz_localize(BEIJING)
    return stamp.floor("h")


def hour_text(stamp: pd.Timestamp) -> str:
    """The inverse of :func:`hour`, as it stands in the URL."""
    return stamp.tz_convert(BEIJING).strftime("%Y-%m-%dT%H:%M")


def here() -> str:
    """Local address of this page with its query."""
    path, query = urlsplit(st.context.url or "/").path, urlencode(st.query_params.to_dict())
    return f"{path or '/'}?{query}" if query else path or "/"


def link(page: str, **values) -> str:
    """Relative address of a page (``""`` is home) that keeps the shared parameters, for an ``<a>`` in HTML."""
    kept = {key: url(key) for key in SHARED if url(key)}
    wanted = {key: str(value) for key, value in {**kept, **values}.items() if value is not None}
    return f"{page or './'}?{urlencode(wanted)}" if wanted else page or "./"


def kept(key: str, default: str | None = None) -> str | None:
    """A shared parameter of the URL, else what it was before the person went to another page."""
    return url(key) or st.session_state.get(_KEPT, {}).get(key) or default


def keep_parameters(page: str) -> None:
    """Carry the shared parameters over to another page: Streamlit's own menu drops the query.

    On the same page the URL is the truth (also when a parameter was taken out of it); language and wall stay.
    """
    moved = st.session_state.get(_PAGE) not in (None, page)
    wanted = {key: kept(key) for key in (SHARED if moved else STAYING)}
    lost = {key: value for key, value in wanted.items() if value and not url(key)}
    if lost:
        st.query_params.update(lost)
    st.session_state[_KEPT] = {key: url(key) for key in SHARED if url(key)}
    st.session_state[_PAGE] = page


def shared(function: Callable | None = None, *, max_entries: int = 64) -> Callable:
    """The last ``max_entries`` results of a function; every run gets the same object (see :mod:`.memo`).

    The first argument of the function is :attr:`Context.key`; the others are hashable parameters. A function that
    makes text takes the language, one that makes colours takes ``dark``. For results that nobody changes: a copy of a
    large table costs more than the page that shows it.
    """
    if function is None:
        return lambda f: shared(f, max_entries=max_entries)
    return Memo(function, max_entries)
