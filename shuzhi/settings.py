"""Configuration, from the environment (``SHUZHI_…``) or from the file that ``SHUZHI_SETTINGS`` names (``NAME=value``
lines), which lies outside the source tree.

Where the reference marks a rule as uncertain, the rule is a setting here with its source.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
BEIJING = ZoneInfo("Asia/Shanghai")


class Settings(BaseSettings):
    """Every setting of the platform, with its default."""

    model_config = SettingsConfigDict(env_prefix="SHUZHI_", hide_input_in_errors=True)

    home: Path = ROOT / "home"
    """All state of one city; ``SHUZHI_HOME``."""

    city: str = "成都"
    """The city that the pages speak of; written into a home when it is created."""

    allowed_hosts: str = ""
    """Names of this machine, separated by commas, under which others open the pages; ``*`` where a proxy checks the
    name. localhost is always allowed; any other name is refused, against DNS rebinding."""

    rate_per_minute: int = 3000
    """Requests a minute of one session, code that browsers keep not counted; an address may ask ten times as often.
    0: no limit. A large map asks for some eighty tiles at once."""

    demo: bool = False
    """Demo mode: one account per role, entered with one click, and the public view; only for a simulated city."""

    public_view: bool = False
    """Whether what the role ``public`` may see needs no sign-in."""

    secret_file: Path | None = None
    """File of the key that seals the audit chain and forms; by default ``secret.key`` in the home, made when it is
    first needed and readable by its owner only."""

    sign_ins_per_minute: int = 60
    """Attempts to sign in of one network address, in a minute; an office shares one. 0: no limit."""

    oidc_issuer: str = ""
    """Identity provider (OpenID Connect) that signs people in beside the passwords: its issuer, under which it is
    discovered. Its redirect address here is ``/sign-in/oidc/callback``."""

    oidc_client_id: str = ""
    """Name of this platform at the identity provider."""

    oidc_client_secret: SecretStr | None = None
    """Its secret there; rather in a file:"""

    oidc_client_secret_file: Path | None = None
    """File with the secret, outside the source tree."""

    oidc_name: str = ""
    """What the button says; by default 单位统一认证."""

    idle_minutes: int = 30
    """A session without an act of its person ends after this; a refresh that comes by itself is no act."""

    watch_seconds: float = 30
    """An open page looks so often whether there are new data, the next hour, or another session or none."""

    session_hours: int = 12
    """Every session of a person ends after this."""

    aqi_2012_method: Literal["practice", "text"] = "practice"
    """HJ 633-2012 as published since 2014 (six items) or its literal nine-item text (clauses 4 and 5)."""

    city_site_share: float = 0.0
    """Share of the evaluation sites in service that must be valid for a city mean; 0 asks for one site.

    The 75 % of HJ 663-2013 are remembered, not read in a public source, and are off until they are: the counts that
    the national archive of 2019 is known by (182 good of 236 valid days to August, 274 of 350 in the year) are made
    without such a rule. With 75 % they are 179 of 228.
    """

    city_site_share_few: float = 0.0
    """The same where a city has fewer than four sites: 50 % in HJ 663-2013, from memory."""

    closed_after_days: int = 30
    """An evaluation site that has been silent for longer is out of service and no longer asked of a city mean."""

    stale_hours: int = 2
    """A station without a reading for longer than this is grey on every map."""

    document_font: str = "Noto Sans CJK SC"
    """Font of PDF files and picture cards, embedded in them; an installed one that has Chinese."""

    @field_validator("secret_file", "oidc_client_secret_file")
    @classmethod
    def _outside(cls, path: Path | None) -> Path | None:
        if path is not None:
            _refuse_inside(path)
        return path


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once.

    Raises
    ------
    ValueError
        If one can't be understood, or a file with secrets is missing or lies in the source tree.
    """
    file = os.environ.get("SHUZHI_SETTINGS")
    if not file:
        return Settings()
    if not Path(file).is_file():
        raise ValueError(f"SHUZHI_SETTINGS names {file}, which is no file")
    _refuse_inside(Path(file))
    return Settings(_env_file=file)


def _refuse_inside(path: Path) -> None:
    """What holds secrets would one day be committed."""
    if path.resolve().is_relative_to(ROOT):
        raise ValueError(f"{path} holds secrets; keep it outside of the source tree {ROOT}")
