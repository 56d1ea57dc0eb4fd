"""Who is there: a person signed in, a device, the public, or a user of the operating system."""

import getpass
from dataclasses import dataclass

from shuzhi.store.scope import Actor, Scope


@dataclass(frozen=True)
class Person:
    """Somebody who looks or acts.

    Attributes
    ----------
    name : str
        Display name; empty for the public.
    role : str
        Key of the role.
    scope : Scope
        What may be seen and done, with the actor in it.
    account, session : str or None
        Keys in the ledger; None for the public.
    must_change : bool
        The password is for one sign-in: nothing else may be done before it is changed.
    """

    name: str
    role: str
    scope: Scope
    account: str | None = None
    session: str | None = None
    must_change: bool = False

    @property
    def signed_in(self) -> bool:
        """Somebody known: a person or a device."""
        return self.session is not None


def operator() -> Scope:
    """The scope of the command line: whoever can write the home has every right, under the system's user name."""
    name = getpass.getuser()
    return Scope.all(Actor("system", name[:64], name[:128]))
