"""Memory (存储): lake, engine, derived tables, ledger, and the scope that every query takes."""

from shuzhi.store.home import Home, open_home
from shuzhi.store.scope import Actor, Scope

__all__ = ["Actor", "Home", "Scope", "open_home"]
