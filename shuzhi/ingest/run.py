"""One import on its way: rows to the store, rejected ones to quarantine, a record in the ledger."""

import datetime as dt
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from shuzhi.access import audit, operator
from shuzhi.errors import InputError
from shuzhi.ingest import report
from shuzhi.ingest.parsed import Parsed
from shuzhi.ingest.rejects import UNREADABLE, Reject, Rejects, frame, kind
from shuzhi.ingest.summary import ImportSummary
from shuzhi.registry import deliveries, machines, sections, stations
from shuzhi.store import Actor, Home, observations, quarantine, weather_forecasts
from shuzhi.store.ledger import ImportRun

T = TypeVar("T")
_DATASETS = {
    "air-archive": "air",
    "stations": "air",
    "sections": "water",
    "water-stations": "water",
    "inventory": "sources",
    "positions": "machines",
    "layer": "places",
    "weather-forecast": "weather",
}
"""Kinds of imports that are called otherwise than the data set that they belong to."""

_MUCH = 0.3
"""A delivery that closes more of a register may be a part of one."""


class Run:
    """An import; use it as a context. A failure inside is written down with its message.

    Parameters
    ----------
    home : Home
    kind : str
        What is imported (see :class:`~shuzhi.ingest.summary.ImportSummary`).
    origin : 'real' or 'simulated'
    report_to : path, optional
        Where all findings are written to (see :mod:`shuzhi.ingest.report`).
    actor : Actor, optional
        Whose act it is; by default the user of the operating system, and nobody's for what the simulated city delivers.

    Raises
    ------
    HomeKindError
        If the home holds the other kind of data.
    """

    def __init__(
        self,
        home: Home,
        kind: str,
        origin: str,
        report_to: Path | str | None = None,
        actor: Actor | None = None,
    ):
        home.require(origin)
        self.home = home
        self.summary = ImportSummary(import_id=f"{_now():%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}", kind=kind)
        self._errors: list[InputError] = []
        self._rejected: list[Reject] = []
        self._warnings: list[Reject] = []
        self._report_to = report_to
        self._actor = actor or (operator().actor if origin == "real" else None)
        self._sites: set[str] = set()

    def __enter__(self) -> "Run":
        with self.home.ledger.session() as session:
            session.add(ImportRun(id=self.summary.import_id, kind=self.summary.kind, started_at=_now()))
        return self

    def __exit__(self, _kind, error, _trace) -> None:
        if self._report_to is not None:
            report.write(self._report_to, self._rejected, self._warnings)
        self._quarantine()
        if error is None and not self.summary.stored:
            error = self._nothing_stored()
            self._record("failed", str(error))
            raise error
        self._record("failed" if error else "done", str(error) if error else None)

    def took(self, parsed: Parsed) -> None:
        """Count what a door read; its rejected rows go to quarantine."""
        summary = self.summary
        summary.lines += parsed.lines
        summary.rows_in += parsed.rows_in
        summary.duplicates += parsed.duplicates
        summary.notes += parsed.notes
        self._rejected += parsed.rejected
        self._warnings += parsed.warnings
        summary.warnings = dict(Counter(kind(warning.reason) for warning in self._warnings).most_common())

    def attempt(self, read: Callable[[], T], file: str) -> T | None:
        """What a door reads of the run's only file; None where it could not be read at all."""
        self.summary.files = 1
        try:
            return read()
        except InputError as error:
            self.failed(error, file)
            return None

    def failed(self, error: InputError, file: str) -> None:
        """A file could not be read at all."""
        self._errors.append(error)
        self.summary.failed.append(str(error))
        rejects = Rejects(file)
        rejects.add(UNREADABLE, error.what, line=error.line, column=None if error.column is None else str(error.column))
        self._rejected += rejects

    def store(self, rows: pa.Table, kind: str = "air", details: pd.DataFrame | None = None) -> None:
        """Append readings; their stations are created where the register does not know them."""
        if not rows.num_rows:
            return
        self._store(rows, stations.ensure(self.home, pc.unique(rows["station"]).to_pylist(), kind, details))

    def store_forecast(self, rows: pa.Table, details: pd.DataFrame | None = None) -> None:
        """Append weather forecasts; their stations are created where the register does not know them."""
        if not rows.num_rows:
            return
        created = stations.ensure(self.home, pc.unique(rows["station"]).to_pylist(), "weather", details)
        self._count(rows, weather_forecasts.append(self.home, rows, self.summary.import_id), created)

    def store_water(self, rows: pa.Table, seen: pd.DataFrame) -> None:
        """Append readings of sections.

        Parameters
        ----------
        rows : pyarrow.Table
            ``station`` is a label of ``seen``.
        seen : DataFrame
            What the file says about its sections (see :func:`shuzhi.registry.sections.ensure`).
        """
        codes, created = sections.ensure(self.home, seen)
        labels = rows["station"].combine_chunks().dictionary_encode()
        known = pa.array([codes[label] for label in labels.dictionary.to_pylist()], type=pa.string())
        self._store(rows.set_column(0, "station", known.take(labels.indices)), created)

    def deliver(self, register: str, rows: pa.Table, day: dt.date, file: str) -> None:
        """Take a whole register in: ``source`` or ``machine``."""
        if not rows.num_rows:
            return
        done = deliveries.deliver(self.home, register, rows, day, file, self.summary.import_id)
        summary = self.summary
        summary.new, summary.corrected = done.opened, done.changed
        summary.closed, summary.unchanged = done.closed, done.unchanged
        summary.sites = rows.num_rows
        before = done.closed + done.changed + done.unchanged
        if done.closed > _MUCH * before:
            summary.notes.append(
                f"{file}: {done.closed:,} of {before:,} rows are not in it and were closed; if it is a part of the "
                f"register, take it back: import undo {summary.import_id}"
            )

    def track(self, rows: pa.Table) -> None:
        """Append positions of machines."""
        if not rows.num_rows:
            return
        summary = self.summary
        summary.new = machines.append_positions(self.home, rows, summary.import_id)
        summary.unchanged = rows.num_rows - summary.new
        summary.sites = pc.count_distinct(rows["machine"]).as_py()
        self._extend(rows)

    def _store(self, rows: pa.Table, created: list[str]) -> None:
        self._count(rows, observations.append(self.home, rows, self.summary.import_id), created)

    def _count(self, rows: pa.Table, done, created: list[str]) -> None:
        """Count what the store made of rows."""
        codes = pc.unique(rows["station"]).to_pylist()
        summary = self.summary
        summary.new += done.new
        summary.unchanged += done.unchanged
        summary.corrected += done.corrected
        summary.created += created
        self._sites.update(codes)
        summary.sites = len(self._sites)
        self._extend(rows)

    def _extend(self, rows: pa.Table) -> None:
        summary = self.summary
        ends = pc.min_max(rows["time"])
        first, last = (ends[name].as_py() for name in ("min", "max"))
        if summary.span:
            first, last = min(first, summary.span[0]), max(last, summary.span[1])
        summary.span = (first, last)

    def _quarantine(self) -> None:
        self.summary.quarantined = len(self._rejected)
        self.summary.reasons = dict(Counter(kind(reject.reason) for reject in self._rejected).most_common())
        if self._rejected:
            quarantine.add(self.home, self.summary.import_id, frame(_not_there_yet(self.home, self._rejected)))

    def _nothing_stored(self) -> InputError:
        """The error of an import that stored nothing at all."""
        if len(self._errors) == 1 and self.summary.files == 1:
            return self._errors[0]
        if not self._rejected:
            return InputError("no reading in what was given; nothing was imported")
        first = self._rejected[0]
        return InputError(
            f"no row could be taken in, {len(self._rejected)} are in quarantine; the first: {first.reason}. "
            "See: import quarantine",
            file=first.file,
            line=first.line,
            column=first.column,
            station=first.station,
        )

    def _record(self, status: str, message: str | None) -> None:
        summary = self.summary
        first, last = summary.span or (None, None)
        with self.home.ledger.session() as session:
            run = session.get(ImportRun, summary.import_id)
            run.finished_at, run.status, run.message = _now(), status, message
            run.files, run.sites = summary.files, summary.sites
            run.rows_in, run.rows_new, run.rows_unchanged = summary.rows_in, summary.new, summary.unchanged
            run.rows_corrected, run.rows_quarantined = summary.corrected, summary.quarantined
            run.span_start, run.span_end = _naive(first), _naive(last)
            if self._actor is not None:
                self._note(session, status)

    def _note(self, session: Session, status: str) -> None:
        """The import as an event of the audit."""
        summary, dataset = self.summary, _DATASETS.get(self.summary.kind, self.summary.kind)
        counts = {"rows": summary.rows_in, "new": summary.new, "quarantined": summary.quarantined}
        what = {"kind": summary.kind, **counts}
        audit.append(self.home, session, self._actor, "import", dataset, summary.import_id, status, **what)


def _not_there_yet(home: Home, rejected: list[Reject]) -> list[Reject]:
    """Importing the same file again brings the same rejected rows: they are kept once."""
    known = quarantine.rows(home, limit=sys.maxsize)[list(Reject._fields)].astype(object)
    seen = set(known.where(known.notna(), None).itertuples(index=False, name=None))
    return [reject for reject in rejected if tuple(reject) not in seen]


def _now() -> dt.datetime:
    return _naive(dt.datetime.now(dt.UTC))


def _naive(time: dt.datetime | None) -> dt.datetime | None:
    """The ledger holds UTC without offset."""
    return time and time.astimezone(dt.UTC).replace(tzinfo=None)
