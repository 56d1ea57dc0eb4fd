"""Ledger (台账): what people do and what is registered. SQLAlchemy over SQLite (WAL) or PostgreSQL."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    create_engine,
    event,
    inspect,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

MIGRATIONS = Path(__file__).parent / "migrations"


class Base(DeclarativeBase):
    """Root of the ledger's tables."""


class Meta(Base):
    """Facts about the home itself: kind, city, version."""

    __tablename__ = "meta"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Station(Base):
    """A monitoring station (监测站点). ``evaluation``: it counts for the city's assessment (参评)."""

    __tablename__ = "station"
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), default="air")
    name: Mapped[str] = mapped_column(String(128))
    city: Mapped[str | None] = mapped_column(String(64), index=True)
    province: Mapped[str | None] = mapped_column(String(64))
    district: Mapped[str | None] = mapped_column(String(64))
    network: Mapped[str | None] = mapped_column(String(16))
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    background: Mapped[bool] = mapped_column(Boolean, default=False)
    evaluation: Mapped[bool] = mapped_column(Boolean, default=False)
    created_by: Mapped[str | None] = mapped_column(String(64))


class Section(Base):
    """A section of surface water (断面): an automatic or sampled point of a river or lake.

    ``code`` is the register's own key, by default the name. ``lake``: lake or reservoir (湖库), None = unknown.
    ``target_class`` 1…6 (目标类别); ``sequence``: order along its river, downstream (上下游序号).
    """

    __tablename__ = "section"
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(128), index=True)
    river: Mapped[str | None] = mapped_column(String(64))
    basin: Mapped[str | None] = mapped_column(String(64))
    province: Mapped[str | None] = mapped_column(String(64))
    city: Mapped[str | None] = mapped_column(String(64), index=True)
    district: Mapped[str | None] = mapped_column(String(64))
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    target_class: Mapped[int | None] = mapped_column(Integer)
    lake: Mapped[bool | None] = mapped_column(Boolean)
    sequence: Mapped[int | None] = mapped_column(Integer)
    created_by: Mapped[str | None] = mapped_column(String(64))


class Place(Base):
    """A place (区划、功能区、街道、网格、河段、低排区…) with its geometry as GeoJSON text in WGS 84.

    ``parent``: name of the place that it lies in by administration (街道 → 区县, 网格 → 街道). ``unit``: which of the
    city's districts and functional zones manages it (管理单位). ``attributes``: what its kind has beside, JSON text.
    """

    __tablename__ = "place"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    code: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(128))
    schematic: Mapped[bool] = mapped_column(Boolean, default=False)
    source: Mapped[str | None] = mapped_column(Text)
    parent: Mapped[str | None] = mapped_column(String(128))
    unit: Mapped[str | None] = mapped_column(String(64))
    attributes: Mapped[str | None] = mapped_column(Text)
    geometry: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[dt.datetime | None]


class Target(Base):
    """A year's target (目标): ``good_days`` in days, ``pm25`` as annual mean in µg/m³."""

    __tablename__ = "target"
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    city: Mapped[str] = mapped_column(String(64), primary_key=True)
    metric: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[float] = mapped_column(Float)
    source: Mapped[str | None] = mapped_column(Text)


class ImportRun(Base):
    """One import (接入批次) and what came of it."""

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_started", "started_at"),)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    files: Mapped[int] = mapped_column(Integer, default=0)
    rows_in: Mapped[int] = mapped_column(Integer, default=0)
    rows_new: Mapped[int] = mapped_column(Integer, default=0)
    rows_unchanged: Mapped[int] = mapped_column(Integer, default=0)
    rows_corrected: Mapped[int] = mapped_column(Integer, default=0)
    rows_quarantined: Mapped[int] = mapped_column(Integer, default=0)
    span_start: Mapped[dt.datetime | None]
    span_end: Mapped[dt.datetime | None]
    sites: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[str] = mapped_column(String(16), default="running")
    message: Mapped[str | None] = mapped_column(Text)


class Delivery(Base):
    """A delivery (批次) of a whole register: the inventory of sources, the register of machines.

    ``opened``, ``changed``, ``closed``: rows that it brought, replaced and ended on ``day``. ``undone_at``: when the
    register was put back to what it was before.
    """

    __tablename__ = "delivery"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    register: Mapped[str] = mapped_column(String(32), index=True)
    day: Mapped[dt.date]
    file: Mapped[str] = mapped_column(Text)
    rows: Mapped[int] = mapped_column(Integer)
    opened: Mapped[int] = mapped_column(Integer)
    changed: Mapped[int] = mapped_column(Integer)
    closed: Mapped[int] = mapped_column(Integer)
    delivered_at: Mapped[dt.datetime]
    undone_at: Mapped[dt.datetime | None]


class Briefing(Base):
    """A briefing (新闻稿) that an officer has kept: what it is of, and its content as JSON text."""

    __tablename__ = "briefing"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    period: Mapped[str] = mapped_column(String(16))
    first: Mapped[dt.date]
    last: Mapped[dt.date]
    place: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    as_of: Mapped[dt.datetime]
    edited_at: Mapped[dt.datetime]


class Account(Base):
    """An account (账号) that may sign in. ``places``: JSON list of the places that its role is bound to.

    ``password_hash``: Argon2id, None for accounts that only an identity provider or the demo signs in.
    ``must_change``: the password is for one sign-in. ``failures``, ``locked_until``: wrong passwords in a row, and
    until when no password is heard. ``totp_last``: the time step of the last code, which is not taken twice.
    """

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("oidc_issuer", "oidc_subject", name="uq_account_oidc"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(128))
    role: Mapped[str] = mapped_column(String(32))
    places: Mapped[str] = mapped_column(Text, default="[]")
    person: Mapped[str | None] = mapped_column(String(32))
    password_hash: Mapped[str | None] = mapped_column(Text)
    must_change: Mapped[bool] = mapped_column(Boolean, default=False)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[dt.datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_last: Mapped[int | None] = mapped_column(Integer)
    oidc_issuer: Mapped[str | None] = mapped_column(String(255))
    oidc_subject: Mapped[str | None] = mapped_column(String(255))
    demo: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[dt.datetime]
    disabled_at: Mapped[dt.datetime | None]


class SignIn(Base):
    """A session (登录会话) of an account, or the token of a device (大屏) or client. Only the token's digest is kept.

    ``expires_at``: the absolute limit, None for devices. ``seen_at``: the last act of a person; a refresh is none.
    """

    __tablename__ = "sign_in"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str | None] = mapped_column(String(128))
    role: Mapped[str | None] = mapped_column(String(32))
    places: Mapped[str] = mapped_column(Text, default="[]")
    started_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(128))
    address: Mapped[str | None] = mapped_column(String(64))
    agent: Mapped[str | None] = mapped_column(String(255))


class AuditEvent(Base):
    """An event (审计事件). Rows are chained by their digests and never changed; triggers refuse it."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(64), index=True)
    actor_name: Mapped[str] = mapped_column(String(128))
    session: Mapped[str | None] = mapped_column(String(32))
    address: Mapped[str | None] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32), index=True)
    dataset: Mapped[str | None] = mapped_column(String(32))
    object: Mapped[str | None] = mapped_column(String(255))
    outcome: Mapped[str] = mapped_column(String(16))
    detail: Mapped[str] = mapped_column(Text, default="{}")
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class Organisation(Base):
    """An organisation (机构): bureau, district, street, centre, team or other; ``unit``, ``street``: its place."""

    __tablename__ = "organisation"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(128), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    parent: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    unit: Mapped[str | None] = mapped_column(String(64), index=True)
    street: Mapped[str | None] = mapped_column(String(128))
    removed_at: Mapped[dt.datetime | None]


class Person(Base):
    """A person (人员) of an organisation. ``code``: the bureau's own number (工号), the key of an import."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str | None] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str | None] = mapped_column(String(32))
    title: Mapped[str | None] = mapped_column(String(64))
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    removed_at: Mapped[dt.datetime | None]


class Duty(Base):
    """A turn on the duty roster (值班): who of an organisation is on duty on a day and shift."""

    __tablename__ = "duty"
    __table_args__ = (UniqueConstraint("day", "shift", "organisation", "person", name="uq_duty"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    day: Mapped[dt.date] = mapped_column(index=True)
    shift: Mapped[str] = mapped_column(String(16))
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))


class Responsibility(Base):
    """An area of responsibility (责任区): a person answers for a place (``kind``: unit, street, grid, river…)."""

    __tablename__ = "responsibility"
    __table_args__ = (UniqueConstraint("person", "kind", "place", "task", name="uq_responsibility"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    place: Mapped[str] = mapped_column(String(128), index=True)
    task: Mapped[str] = mapped_column(String(32))


class ForecastIssue(Base):
    """An issue of the forecast (一期预报): when it was made, of what, by which models; its numbers are in the lake.

    ``id``: its Beijing hour, such as 2026-11-25T08. ``as_of``: the newest input. ``weather``: the product of weather
    forecasts that it used, None without one. ``hindcast``: made afterwards from what was known then (回算).
    """

    __tablename__ = "forecast_issue"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    issued_at: Mapped[dt.datetime] = mapped_column(index=True)
    as_of: Mapped[dt.datetime]
    weather: Mapped[str | None] = mapped_column(String(128))
    weather_issued_at: Mapped[dt.datetime | None]
    model_version: Mapped[str] = mapped_column(String(64))
    hindcast: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[dt.datetime]
    seconds: Mapped[float]
    rows: Mapped[int]


class ForecastEdit(Base):
    """A forecaster's word at the meeting (会商订正): a value instead of the model's, with a reason, signed.

    The newest of a place, item and time holds; none is ever changed. ``value`` None: back to the model's."""

    __tablename__ = "forecast_edit"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    issue: Mapped[str] = mapped_column(ForeignKey("forecast_issue.id"), index=True)
    level: Mapped[str] = mapped_column(String(16))
    place: Mapped[str] = mapped_column(String(128))
    item: Mapped[str] = mapped_column(String(16))
    time: Mapped[dt.datetime]
    model_value: Mapped[float]
    value: Mapped[float | None]
    reason: Mapped[str] = mapped_column(Text)
    signed_by: Mapped[str] = mapped_column(String(64))
    signed_name: Mapped[str] = mapped_column(String(128))
    signed_at: Mapped[dt.datetime]


class StaleMonth(Base):
    """A month whose derived tables may lag behind its observations, because a writer is at work or was killed."""

    __tablename__ = "stale_month"
    month: Mapped[str] = mapped_column(String(7), primary_key=True)


class Ledger:
    """A connection pool to the ledger of one home.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.
    """

    def __init__(self, url: str):
        self.url = url
        self.engine = create_engine(url)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _tune_sqlite)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    def migrate(self) -> None:
        """Bring the schema to the newest revision; quick where it is there already."""
        if self._revision() == _newest_revision():
            return
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _revision(self) -> str | None:
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on an error."""
        with self._sessions.begin() as session:
            yield session

    def meta(self, key: str) -> str | None:
        """Value of a meta key, or None."""
        with self.engine.connect() as connection:
            return connection.execute(_META, {"key": key}).scalar()

    def set_meta(self, **values: str) -> None:
        """Write meta keys."""
        with self.session() as session:
            for key, value in values.items():
                session.merge(Meta(key=key, value=value))


_META = select(Meta.value).where(Meta.key == bindparam("key"))


def _newest_revision() -> str:
    """Revisions are numbered, and their files carry the number first."""
    return max(file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


_PRAGMAS = ("journal_mode=WAL", "busy_timeout=30000", "synchronous=FULL", "foreign_keys=ON")


def _tune_sqlite(connection, _record) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
