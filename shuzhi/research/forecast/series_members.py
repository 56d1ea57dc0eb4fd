"""Statistical models of the districts' and the city's days: fitted with the other models, rolled forward in the issues.

The city has all kinds, to be compared; a district the one that can beat the floors.
"""

import warnings

import numpy as np

from shuzhi import workers
from shuzhi.progress import Progress
from shuzhi.research.forecast import statistical
from shuzhi.research.forecast.panel import Panel

KINDS = {"district": ("arima",), "city": statistical.KINDS}
_LEAST = 0.05  # µg/m³ or mg/m³, below which no logarithm is taken
_WORKERS = 2


def fit(panel: Panel, unknown: int, leads: int, progress: Progress) -> tuple[dict, dict[str, np.ndarray]]:
    """Fit the models of a panel of days.

    Parameters
    ----------
    panel : Panel
    unknown : int
        First row that the trials do not know.
    leads : int
    progress : Progress

    Returns
    -------
    fitted : dict
        Parameters by ``level|place|item|kind``, of all days.
    trials : dict of str to array (origins, leads, P, items)
        By kind, forecasts of the origins from row ``unknown`` − 1 to the last but one.
    """
    if unknown < statistical.LEAST:
        return {}, {}
    shape = (len(panel.times) - unknown, leads, len(panel.places), len(panel.items))
    fitted, trials = {}, {kind: np.full(shape, np.nan, dtype=np.float32) for kind in statistical.KINDS}
    works = [(column, item) for level in KINDS for column in panel.columns(level) for item in range(len(panel.items))]
    with workers.pool(_WORKERS) as pool:
        asked = (_work(panel, column, item, unknown, leads) for column, item in works)
        for done, found in enumerate(pool.map(_one, asked, chunksize=4)):
            column, item = works[done]
            progress(done, len(works), "series")
            for kind, (values, forecasts) in found.items():
                fitted[key(panel, column, item, kind)] = values
                trials[kind][:, :, column, item] = forecasts
    return fitted, trials


def rolled(panel: Panel, fitted: dict, kind: str, item: int, origins: np.ndarray, leads: int) -> np.ndarray:
    """Forecasts of fitted models from newer readings, array (origins, leads, P); NaN of places without one."""
    out = np.full((len(origins), leads, len(panel.places)), np.nan, dtype=np.float32)
    for column in np.flatnonzero(panel.places["level"].isin(list(KINDS))):
        name = key(panel, column, item, kind)
        if name in fitted:
            values = _logarithm(panel.values[:, column, item])
            out[:, :, column] = _forecasts(kind, fitted[name], values, origins, leads)
    return out


def key(panel: Panel, column: int, item: int, kind: str) -> str:
    """Name of a model."""
    place = panel.places.iloc[column]
    return f"{place['level']}|{place['place']}|{panel.items[item]}|{kind}"


def _work(panel: Panel, column: int, item: int, unknown: int, leads: int) -> tuple:
    kinds = KINDS[panel.places["level"].iloc[column]]
    return _logarithm(panel.values[:, column, item]), kinds, unknown, leads


def _one(work: tuple) -> dict:
    """Parameters and trials of the kinds of one series."""
    values, kinds, unknown, leads = work
    if np.isfinite(values[:unknown]).sum() < statistical.LEAST:
        return {}
    out = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a fit that did not converge: its weight will tell
        for kind in kinds:
            known = statistical.parameters(kind, _filled(values[:unknown]))
            trials = _forecasts(kind, known, values, np.arange(unknown - 1, len(values) - 1), leads)
            out[kind] = statistical.parameters(kind, _filled(values)), trials
    return out


def _forecasts(kind: str, fitted: list[float], values: np.ndarray, origins: np.ndarray, leads: int) -> np.ndarray:
    filled = _filled(values)
    return np.exp(statistical.forecasts(kind, fitted, filled, origins - (len(values) - len(filled)), leads))


def _logarithm(values: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(values.astype(float), _LEAST))


def _filled(values: np.ndarray) -> np.ndarray:
    """Gaps filled with the value before them, from the first value on."""
    known = np.isfinite(values)
    values = values[known.argmax() :]
    known = known[known.argmax() :]
    return values[np.maximum.accumulate(np.where(known, np.arange(len(values)), 0))]
