"""Statistical models of one series (statsmodels): fitted on set days, between them rolled forward over new readings.

Fitting costs a tenth of a second to seconds, rolling forward milliseconds: models are refitted weekly or monthly.
"""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

LEAST = 60
"""Readings that a fit needs."""
_TAIL = 400  # readings over which a fitted model is rolled: older ones no longer change its state
_ORDER = (2, 0, 1)  # an AR(2) with noise of measurement: daily means forget within days


def ets(values: np.ndarray) -> Callable[[np.ndarray, int], np.ndarray]:
    """Exponential smoothing with a damped trend (ETS A,Ad,N); returns how to forecast from other values with it."""
    kind = {"error": "add", "trend": "add", "damped_trend": True}
    fitted = ETSModel(values, **kind).fit(disp=False, maxiter=200).params
    return lambda seen, leads: np.asarray(ETSModel(seen, **kind).smooth(fitted).forecast(leads))


def arima(values: np.ndarray) -> Callable[[np.ndarray, int], np.ndarray]:
    """ARMA(2,1) about a mean; as `ets`."""
    fitted = SARIMAX(values, order=_ORDER, trend="c").fit(disp=False, maxiter=100)
    return lambda seen, leads: np.asarray(fitted.apply(seen).forecast(leads))


def theta(values: np.ndarray) -> Callable[[np.ndarray, int], np.ndarray]:
    """Theta (Assimakopoulos and Nikolopoulos 2000), fitted anew each time: it costs no more than rolling; as `ets`."""
    return lambda seen, leads: np.asarray(ThetaModel(seen, period=1, deseasonalize=False).fit().forecast(leads))


KINDS = {"ets": ets, "arima": arima, "theta": theta}


def rolled(
    series: pd.Series, kind: str, refits: list[pd.Timestamp], origins: pd.DatetimeIndex, leads: int
) -> pd.DataFrame:
    """Forecasts of a model from every origin.

    Parameters
    ----------
    series : Series
        Equal steps, any unit, better the logarithm of a concentration; gaps take the value before.
    kind : {"ets", "arima", "theta"}
    refits : list of Timestamp
        Rising; a model knows the readings before its day of refit, a forecast those up to its origin.
    origins : DatetimeIndex
        From the first refit on.
    leads : int
        Steps.

    Returns
    -------
    DataFrame
        A row for each origin, columns 1 … ``leads``; NaN with fewer than ``LEAST`` readings.
    """
    filled = series.ffill().dropna()
    out = pd.DataFrame(np.nan, origins, range(1, leads + 1))
    spans = zip(refits, [*refits[1:], origins.max() + pd.Timedelta(days=1)], strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a fit that did not converge: its weight will tell
        for first, after in spans:
            known = filled[filled.index < first].to_numpy(float)
            if len(known) < LEAST:
                continue
            forecast = KINDS[kind](known)
            for origin in origins[(origins >= first) & (origins < after)]:
                out.loc[origin] = forecast(filled.loc[:origin].to_numpy(float)[-_TAIL:], leads)
    return out
