"""Rights (权限): role × data set × action × place, from ``data/rights.yaml``; what is not written there is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import yaml

from shuzhi.errors import InputError
from shuzhi.i18n import _
from shuzhi.settings import DATA
from shuzhi.store.scope import Scope

FILE = DATA / "rights.yaml"
ANYBODY, SIGNED_IN, LAYER = "anybody", "signed_in", "layer"
PUBLIC, ADMINISTRATOR, WALL = "public", "administrator", "wall"
SCREENS = (WALL, "district_wall")
"""Roles of screens: nobody signs in with them."""

_BINDS = {"city": None, "unit": "districts", "street": "streets", "enterprise": "enterprises"}


@dataclass(frozen=True)
class Role:
    """A role (角色).

    Attributes
    ----------
    key, zh, en : str
    place : str
        What its accounts are bound to: ``city``, ``unit``, ``street`` or ``enterprise``.
    rights : frozenset of (str, str)
        Pairs of data set and action.
    """

    key: str
    zh: str
    en: str
    place: str
    rights: frozenset[tuple[str, str]]


@cache
def matrix() -> dict:
    """The file as it is."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


@cache
def roles() -> dict[str, Role]:
    """Every role by its key, in the order of the file."""
    found = matrix()
    return {key: _role(key, row, found) for key, row in found["roles"].items()}


def role(key: str) -> Role:
    """The role of this key.

    Raises
    ------
    InputError
        If there is none.
    """
    if key not in roles():
        raise InputError(f"there is no role '{key}'; use one of {', '.join(roles())}")
    return roles()[key]


def fitting(key: str, places: Iterable[str]) -> list[str]:
    """The places of an account or device; a bound role needs at least one, a role of the whole city takes none.

    Raises
    ------
    InputError
        If they do not fit, or there is no such role.
    """
    bound, places = role(key).place != "city", sorted(set(places))
    if bound and not places:
        raise InputError(_("这个角色只管自己的地方：至少选一个"))
    if places and not bound:
        raise InputError(_("这个角色管全市，不要选地方"))
    return places


@lru_cache(maxsize=4096)
def scope_of(role_key: str, places: tuple[str, ...]) -> Scope:
    """What an account of the role with these places may see and do.

    A role that the file no longer knows may do nothing; a bound role without places sees nothing protected.
    """
    known = roles().get(role_key)
    if known is None:
        return Scope(frozenset())
    column = _BINDS[known.place]
    return Scope(known.rights, **({column: frozenset(places)} if column else {}))


def needed(kind: str, name: str) -> str | tuple[str, str] | None:
    """What a face asks for: ``anybody``, ``signed_in``, ``layer``, or a data set and an action; None: it is unknown.

    Parameters
    ----------
    kind : str
        ``pages``, ``layers``, ``exports`` or ``routes``.
    name : str
        File of the page, name of the layer or register, path of the route.
    """
    asked = matrix()[kind].get(name)
    if asked is None or ":" not in asked:
        return asked
    dataset, action = asked.split(":")
    return dataset, action


def may(scope: Scope, kind: str, name: str, signed_in: bool = True) -> bool:
    """Whether the face may be used; a face that is not in the matrix may not."""
    asked = needed(kind, name)
    if asked in (ANYBODY, LAYER):
        return True
    if asked == SIGNED_IN:
        return signed_in
    return asked is not None and scope.may(*asked)


def _role(key: str, row: dict, found: dict) -> Role:
    given: Iterable[dict] = [*(found["bundles"][name] for name in row.get("bundles", ())), row.get("rights", {})]
    pairs = frozenset((dataset, action) for part in given for dataset, actions in part.items() for action in actions)
    return Role(key, row["zh"], row["en"], row["place"], pairs)
