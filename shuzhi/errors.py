"""One error tree. A message says what was wrong, where, and what to do."""


class ShuzhiError(Exception):
    """Root of every error that a user can be told about."""


class InputError(ShuzhiError):
    """A file or a value from outside can't be used.

    Parameters
    ----------
    what : str
        What is wrong and what to do, as one sentence.
    file, line, column, station : optional
        Where it is wrong; each part that is known is put before the sentence.
    """

    def __init__(self, what: str, *, file=None, line=None, column=None, station=None):
        self.what, self.file, self.line, self.column, self.station = what, file, line, column, station
        super().__init__(": ".join([*self._places(), what]))

    def _places(self) -> list[str]:
        parts = [str(self.file)] if self.file is not None else []
        parts += [f"line {self.line}"] if self.line is not None else []
        parts += [f"column {self.column}"] if self.column is not None else []
        parts += [f"station {self.station}"] if self.station is not None else []
        return [", ".join(parts)] if parts else []


class HomeKindError(ShuzhiError):
    """Real and simulated data must not meet in one home."""


class ScopeError(ShuzhiError):
    """The person may not see or do this.

    Parameters
    ----------
    what : str
        What is refused and whom to ask.
    dataset, action : str, optional
        What was asked for, for the audit.
    """

    def __init__(self, what: str, *, dataset: str | None = None, action: str | None = None):
        self.dataset, self.action = dataset, action
        super().__init__(what)


class SignInError(ShuzhiError):
    """A sign-in is refused; the message says no more than the person may know."""


class NotFoundError(ShuzhiError):
    """The thing asked for is not in the register."""
