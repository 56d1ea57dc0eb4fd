"""The fitted models of a home (模型): folders of plain files, each written whole or not at all."""

import json
import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import joblib
import lightgbm as lgb
import numpy as np
import pandas as pd

from shuzhi.research.forecast.boosted import Trees
from shuzhi.research.forecast.day_models import DayModels
from shuzhi.research.forecast.panel import Panel
from shuzhi.store import Home

FOLDER = "models"
RIDGES, PRODUCT, SECTIONS = "day_ridge", "product", "sections"
"""Parts of a version: ridge regressions of days by item, with and without the coming weather; what is known of the
weather product; models of the sections of surface water."""
GRAINS = ("day", "hour")
KEPT = 3
"""Versions that stay when a new one is stored."""
_FACTS = "model.json"


@dataclass(frozen=True)
class Trials:
    """What models would have said, that knew nothing of these origins.

    Attributes
    ----------
    ends : datetime64 array (O,)
        Ends of the origins, UTC.
    places : array of str (P,)
        ``level|place``.
    forecasts : dict of str to array (O, leads, P, items)
        By model.
    """

    ends: np.ndarray
    places: np.ndarray
    forecasts: dict[str, np.ndarray]

    def at(self, panel: Panel, origins: np.ndarray, name: str, item: int) -> np.ndarray:
        """Forecasts of rows of a panel, array (origins, leads, P); NaN where there are none."""
        forecast = self.forecasts[name][..., item]
        row = pd.Index(self.ends).get_indexer(instants(panel, origins))
        column = pd.Index(self.places).get_indexer(names(panel))
        found = forecast[np.maximum(row, 0)][:, :, np.maximum(column, 0)].astype(float)
        return np.where((row >= 0)[:, None, None] & (column >= 0), found, np.nan)

    def newer(self, panel: Panel, origins: np.ndarray) -> np.ndarray:
        """Which origins are later than all of these."""
        return instants(panel, origins) > self.ends.max(initial=np.datetime64("1900-01-01"))


@dataclass(frozen=True)
class Models:
    """A stored version.

    Attributes
    ----------
    folder : Path
    facts : dict
        version, trained_until (ISO 8601), made_at, weather (product or None), grains (that have trees), seconds, and
        ``usual`` (see `Trees`), ``series`` (see `series_members.fit`).
    """

    folder: Path
    facts: dict

    @property
    def version(self) -> str:
        """Its name."""
        return self.facts["version"]

    @property
    def trained_until(self) -> pd.Timestamp:
        """The newest input that it knows."""
        return pd.Timestamp(self.facts["trained_until"])

    def trees(self, grain: str, item: str) -> Trees:
        """The trees of an item, of a grain that has them."""
        name = f"{grain}_{item}"
        usual = np.array(self.facts["usual"][name])
        return Trees(lgb.Booster(model_file=str(self.folder / f"{name}.txt")), usual)

    @property
    def complete(self) -> bool:
        """Whether it has all that days are told by; a version stored before ridge regression has not."""
        return "day" not in self.facts["grains"] or self.part(RIDGES) is not None

    def of_days(self, item: str) -> DayModels | None:
        """The models of the days of an item."""
        ridges = (self.part(RIDGES) or {}).get(item)
        return None if ridges is None else DayModels(self.trees("day", item), *ridges)

    @cached_property
    def _trials(self) -> dict[str, Trials | None]:
        return {grain: self._read(grain) for grain in GRAINS}

    def trials(self, grain: str) -> Trials | None:
        """Forecasts of the last time by models that did not know it."""
        return self._trials[grain]

    def _read(self, grain: str) -> Trials | None:
        path = self.folder / f"{grain}_trials.npz"
        if not path.is_file():
            return None
        with np.load(path) as stored:
            forecasts = {name[2:]: stored[name] for name in stored if name.startswith("f_")}
            return Trials(stored["ends"], stored["places"], forecasts)

    def part(self, name: str):
        """A part of the version, such as ``SECTIONS``; None where it has none."""
        if name not in self._read_parts:
            path = self.folder / f"{name}.joblib"
            self._read_parts[name] = joblib.load(path) if path.is_file() else None
        return self._read_parts[name]

    @cached_property
    def _read_parts(self) -> dict[str, object]:
        return {}


def instants(panel: Panel, rows: np.ndarray) -> np.ndarray:
    """Ends of rows of a panel, datetime64 in UTC."""
    return panel.ends(np.asarray(rows)).tz_localize(None).to_numpy().astype("datetime64[s]")


def names(panel: Panel) -> np.ndarray:
    """Places of a panel as ``level|place``."""
    return (panel.places["level"].astype(str) + "|" + panel.places["place"].astype(str)).to_numpy(str)


def newest(home: Home, as_of: pd.Timestamp) -> Models | None:
    """The newest version that knows nothing later than an instant."""
    found = [Models(path.parent, json.loads(path.read_text())) for path in (home.path / FOLDER).glob(f"*/{_FACTS}")]
    found = [models for models in found if models.trained_until <= as_of]
    return max(found, key=lambda models: models.trained_until, default=None)


def store(home: Home, facts: dict, trees: dict[tuple[str, str], Trees], trials: dict[str, Trials], parts):
    """Write a version and forget old ones; the same version again takes the place of the first.

    Parameters
    ----------
    facts : dict
        See `Models`.
    trees : dict
        By grain and item.
    trials : dict
        By grain.
    parts : mapping
        By name, see `Models.part`; None is not stored.

    Returns
    -------
    Models
    """
    root = home.path / FOLDER
    folder, making = root / facts["version"], root / f".{facts['version']}-{os.getpid()}"
    making.mkdir(parents=True)
    for (grain, item), one in trees.items():
        one.model.save_model(str(making / f"{grain}_{item}.txt"))
    facts = facts | {"usual": {f"{grain}_{item}": one.usual.tolist() for (grain, item), one in trees.items()}}
    for grain, trial in trials.items():
        forecasts = {f"f_{name}": values.astype(np.float32) for name, values in trial.forecasts.items()}
        np.savez_compressed(making / f"{grain}_trials.npz", ends=trial.ends, places=trial.places, **forecasts)
    for name, part in parts.items():
        if part is not None:
            joblib.dump(part, making / f"{name}.joblib")
    (making / _FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1))
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
    _forget(root)
    return Models(folder, facts)


def _forget(root: Path) -> None:
    """Keep the newest versions, and no half-written ones of those that died."""
    versions = sorted((path.parent for path in root.glob(f"*/{_FACTS}")), key=lambda path: path.name, reverse=True)
    for folder in versions[KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)
