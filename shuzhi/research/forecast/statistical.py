"""Statistical models of one series (statsmodels): fitted on set days, between them rolled forward over new readings.

Fitting costs a tenth of a second to seconds, rolling forward milliseconds: models are refitted weekly or monthly.
"""

import numpy as np
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

LEAST = 60
"""Readings that a fit needs."""
_TAIL = 400  # readings over which a fitted model is rolled: older ones no longer change its state
_ORDER = (2, 0, 1)  # an AR(2) with noise of measurement: daily means forget within days

KINDS = ("ets", "arima", "theta")
"""Exponential smoothing with a damped trend (ETS A,Ad,N); ARMA(2,1) about a mean; theta (Assimakopoulos and
Nikolopoulos 2000), which has no parameters that outlive a day."""

_ETS = {"error": "add", "trend": "add", "damped_trend": True}


def parameters(kind: str, values: np.ndarray) -> list[float]:
    """Parameters of a model of ``KINDS``, fitted to readings without gaps."""
    if kind == "ets":
        return ETSModel(values, **_ETS).fit(disp=False, maxiter=200).params.tolist()
    if kind == "arima":
        # By innovations: ten times as fast as through the state space, and it finds its way on flat ridges.
        mean, *shape = ARIMA(values, order=_ORDER, trend="c").fit(method="innovations_mle").params.tolist()
        return [mean * (1 - sum(shape[: _ORDER[0]])), *shape]
    return []


def forecasts(kind: str, fitted: list[float], values: np.ndarray, origins: np.ndarray, leads: int) -> np.ndarray:
    """What a model says from each of several origins, array (origins, leads).

    Parameters
    ----------
    kind, fitted
        As for `parameters`.
    values : array (n,)
        Readings without gaps; a forecast knows those up to its origin.
    origins : int array
        Places in ``values``, rising.
    """
    if not len(origins):
        return np.empty((0, leads))
    if kind == "arima":
        return _arima(fitted, values, origins, leads)
    return np.array([_one(kind, fitted, values[: origin + 1][-_TAIL:], leads) for origin in origins])


def _one(kind: str, fitted: list[float], seen: np.ndarray, leads: int) -> np.ndarray:
    if kind == "ets":
        return np.asarray(ETSModel(seen, **_ETS).smooth(np.array(fitted)).forecast(leads))
    return np.asarray(ThetaModel(seen, period=1, deseasonalize=False).fit().forecast(leads))


def _arima(fitted: list[float], values: np.ndarray, origins: np.ndarray, leads: int) -> np.ndarray:
    """One pass of the filter knows the state at every origin, from which the model goes on by itself."""
    first = max(origins[0] + 1 - _TAIL, 0)
    seen = values[first : origins[-1] + 1]
    found = SARIMAX(seen, order=_ORDER, trend="c").filter(np.array(fitted), cov_type="none")
    space = found.model.ssm
    state, steps = found.filter_results.filtered_state[:, origins - first], []
    for _lead in range(leads):
        state = space["transition"] @ state + space["state_intercept"][:, -1:]
        steps.append((space["design"] @ state)[0])
    return np.array(steps).T
