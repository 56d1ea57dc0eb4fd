"""``python -m shuzhi account`` and ``device``: who may sign in, who is in, which screens have a token.

Whoever can write the home has every right here; what is done is kept under the name of the operating system's user.
"""

from collections.abc import Iterable
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shuzhi.access import accounts, operator, rights, session, words
from shuzhi.errors import InputError, NotFoundError
from shuzhi.i18n import _
from shuzhi.settings import BEIJING
from shuzhi.store import Home, open_home
from shuzhi.store.spreadsheet import guarded

app = typer.Typer(no_args_is_help=True)
devices = typer.Typer(no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="Name of the account.")]
Place = Annotated[list[str] | None, typer.Option(help="Unit, street or credit code of a bound role; may be repeated.")]
Csv = Annotated[str | None, typer.Option(metavar="-", help="“-”: as CSV on stdout.")]


@app.command("list")
def list_(csv: Csv = None) -> None:
    """Every account: login, name, role, places, state, open sessions."""
    table = accounts.table(open_home(), operator())
    rows = [
        (row.login, row.name, row.role, ";".join(row.places), accounts.state(row), row.sessions)
        for row in table.itertuples()
    ]
    _print(("login", "name", "role", "places", "state", "sessions"), rows, csv)


@app.command()
def create(
    login: Login,
    name: Annotated[str, typer.Option(help="Name of the person.")],
    role: Annotated[str, typer.Option(help="Key of a role of data/rights.yaml.")],
    place: Place = None,
    issuer: Annotated[str | None, typer.Option(help="Identity provider that vouches for it (OIDC issuer).")] = None,
    subject: Annotated[str | None, typer.Option(help="Who it is there (OIDC subject).")] = None,
) -> None:
    """Add an account; its one-time password is printed on stdout, once."""
    if (issuer is None) != (subject is None):
        raise InputError("--issuer and --subject belong together")
    oidc = (issuer, subject) if issuer else None
    _once(accounts.create(open_home(), operator(), login, name, role, place or (), oidc=oidc))


@app.command()
def disable(login: Login) -> None:
    """Close an account and end its sessions."""
    home = open_home()
    accounts.disable(home, operator(), _id(home, login))


@app.command()
def enable(login: Login) -> None:
    """Open a closed or locked account again."""
    home = open_home()
    accounts.enable(home, operator(), _id(home, login))


@app.command()
def reset(login: Login) -> None:
    """A new one-time password, printed on stdout, once; the old one, the second factor and the sessions end."""
    home = open_home()
    _once(accounts.reset(home, operator(), _id(home, login)))


@app.command()
def sessions(csv: Csv = None) -> None:
    """Who is signed in: id, login, name, role, since when, last act (Beijing time), address."""
    table = session.table(open_home(), operator())
    found = table[table["kind"] == session.PERSON]
    columns = ("id", "login", "name", "role", "started_at", "seen_at", "address")
    _print(columns, _rows(found, columns), csv)


@app.command("end-session")
def end_session(id: Annotated[str, typer.Argument(help="Id of the session; see: account sessions.")]) -> None:
    """End a session at once."""
    session.end(open_home(), operator(), id)


@devices.command("create")
def create_device(
    name: Annotated[str, typer.Argument(help="Where the screen stands.")],
    role: Annotated[str, typer.Option(help="wall, district_wall, or another of data/rights.yaml.")] = rights.WALL,
    place: Place = None,
) -> None:
    """A token for a screen, printed on stdout, once: it opens /wall/enter?token=… until it is revoked."""
    token = session.device(open_home(), operator(), name, role, place or ())
    typer.echo(_("在大屏上打开 /wall/enter?token=… ，令牌只显示这一次："), err=True)
    typer.echo(token)


@devices.command("list")
def list_devices(csv: Csv = None) -> None:
    """Screens and clients with a token: id, name, role, places, since when (Beijing time)."""
    table = session.table(open_home(), operator())
    table["places"] = table["places"].map(";".join)
    columns = ("id", "name", "role", "places", "started_at")
    _print(columns, _rows(table[table["kind"] == session.DEVICE], columns), csv)


@devices.command()
def revoke(device: Annotated[str, typer.Argument(help="Id or name; see: device list.")]) -> None:
    """Take a device's token back at once."""
    home = open_home()
    table = session.table(home, operator())
    found = table[(table["kind"] == session.DEVICE) & ((table["id"] == device) | (table["name"] == device))]
    if found.empty:
        raise NotFoundError(f"there is no device “{device}”; see: device list")
    for id in found["id"]:
        session.end(home, operator(), id)


def _id(home: Home, login: str) -> str:
    table = accounts.table(home, operator())
    found = table.loc[table["login"] == accounts.spelled(login), "id"]
    if found.empty:
        raise NotFoundError(f"there is no account “{login}”; see: account list")
    return found.iloc[0]


def _once(password: str | None) -> None:
    if password is not None:
        typer.echo(_("一次性口令（只显示这一次，登录后必须更换）："), err=True)
        typer.echo(password)


def _rows(table: pd.DataFrame, columns: Iterable[str]) -> list[tuple]:
    shown = table[list(columns)].copy()
    for name in shown.columns.intersection(["started_at", "seen_at"]):
        times = pd.to_datetime(shown[name]).dt.tz_localize("UTC").dt.tz_convert(BEIJING)
        shown[name] = times.dt.strftime("%Y-%m-%dT%H:%M:%S+08:00")
    return list(shown.astype(object).where(shown.notna(), "").itertuples(index=False, name=None))


def _print(columns: tuple[str, ...], rows: list[tuple], csv: str | None) -> None:
    if csv is not None:
        if csv != "-":
            raise InputError("--csv: only - (stdout)")
        typer.echo(guarded(pd.DataFrame(rows, columns=columns)).to_csv(index=False), nl=False)
        return
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    names = {"role": words.role_name, "state": words.state_name}
    for row in rows:
        cells = (names.get(column, str)(cell) for column, cell in zip(columns, row, strict=True))
        table.add_row(*(Text(cell) for cell in cells))
    Console().print(table)
