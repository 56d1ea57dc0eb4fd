"""The first start of a home (首次启动): the administrator with a password for one sign-in, the accounts of a demo."""

import sys

from filelock import FileLock
from rich.console import Console
from rich.panel import Panel

from shuzhi.access import accounts
from shuzhi.errors import ShuzhiError
from shuzhi.registry import places, sources
from shuzhi.store import Home, Scope
from shuzhi.store.selection import Selection

_UNIT = "锦江区"
_WIDTH = 100
_SOUGHT = 50  # sources looked at for one whose credit code is known


def begin(home: Home, address: str, demo: bool = False) -> None:
    """Make the accounts that a start needs; processes that start at once make them once.

    Parameters
    ----------
    home : Home
    address : str
        Where people sign in, for what is printed.
    demo : bool
        Whether anybody may enter as any role.

    Raises
    ------
    ShuzhiError
        If a demo is wanted of a real city.
    """
    if demo:
        refuse_real(home)
    with FileLock(home.path / "first.lock"):
        if demo and not accounts.table(home, Scope.all())["demo"].any():
            accounts.demo_accounts(home, _places(home))
        if password := accounts.first_administrator(home):
            _tell(address, password)


def refuse_real(home: Home) -> None:
    """Raise ShuzhiError unless the city is simulated."""
    if home.kind != "simulated":
        raise ShuzhiError(
            f"{home.path} is the home of a real city, and demo mode would let anybody in. Leave out --demo (and "
            "SHUZHI_DEMO), or name a simulated home with SHUZHI_HOME: python -m shuzhi city build makes one."
        )


def _places(home: Home) -> dict[str, list[str]]:
    """What the demo's bound roles are bound to: a district, a street of it, an enterprise in it."""
    everything = Scope.all()
    streets = places.streets(home, everything)
    found = sources.search(home, everything, Selection.of(unit=[_UNIT]), limit=_SOUGHT, columns=["credit_code"]).rows
    return {
        "unit": [_UNIT],
        "street": list(streets.loc[streets["unit"] == _UNIT, "name"][:1]),
        "enterprise": list(found["credit_code"].dropna()[:1]),
    }


def _tell(address: str, password: str) -> None:
    text = (
        f"login              {accounts.FIRST}\n"
        f"one-time password  {password}\n\n"
        f"It is shown this once. Sign in and change it: {address}/sign-in"
    )
    panel = Panel.fit(text, title="The administrator was created", title_align="left", padding=(1, 2))
    Console(file=sys.stderr, highlight=False, width=_WIDTH).print(panel)
