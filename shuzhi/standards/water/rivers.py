"""Quality of a river, basin or lake (水质状况) from its sections: by shares of classes, or by means where few."""

import numpy as np
import pandas as pd

from shuzhi.standards import tables
from shuzhi.standards.iaqi import numbers
from shuzhi.standards.water.basics import ASSESSED, GOOD_UP_TO, NONE, SYMBOLS, WORST, columns_of, means
from shuzhi.standards.water.grading import quality, section_class
from shuzhi.standards.water.pollutants import main_pollutants, shares_beyond
from shuzhi.standards.water.rules import rule

NUMBERS = range(1, WORST + 1)


def qualities() -> pd.DataFrame:
    """The five qualities of a section, river or basin.

    Returns
    -------
    DataFrame
        quality 1…5, name_zh (优 良好 轻度污染 中度污染 重度污染), name_en, color_zh, color, ink, good_from, good_below
        (share of classes Ⅰ–Ⅲ in %), worst_from, worst_below (share of 劣Ⅴ; NaN = open), note, source.
    """
    table = tables.read("water_qualities").fillna({"note": ""})
    return table.drop(columns=["edition", "effective_from", "effective_to"])


def quality_of_shares(good, worst) -> np.ndarray:
    """Quality 1…5 of a river or basin by shares of its sections (断面水质类别比例法; 环办〔2011〕22号).

    Parameters
    ----------
    good, worst : array_like or float
        Share of classes Ⅰ–Ⅲ and of 劣Ⅴ in %, unrounded.

    Returns
    -------
    numpy.ndarray
        int8, the common shape; 0 where a share is missing.
    """
    good, worst = np.broadcast_arrays(_steady(good), _steady(worst))
    found = np.zeros(good.shape, np.int8)
    for row in qualities().fillna(np.inf).itertuples():
        inside = (good >= row.good_from) & (good < row.good_below)
        inside &= (worst >= row.worst_from) & (worst < row.worst_below)
        found[inside & (found == NONE)] = row.quality
    return found


def _steady(share) -> np.ndarray:
    """Shares without binary noise: 3 of 4 sections are 75 %, whatever the division says."""
    return np.round(numbers(share), 9)


def class_shares(water_class, by=None) -> pd.DataFrame:
    """How many sections are in each class, and what share.

    Parameters
    ----------
    water_class : array_like
        1…6, one a section; 0 or NaN is not counted.
    by : array_like, optional
        A label a section; one row of result for each.

    Returns
    -------
    DataFrame
        sections (with a class), n_1…n_6, share_1…share_6, good_share (Ⅰ–Ⅲ), worst_share (劣Ⅴ) in % (NaN without a
        section), quality (by shares, 0 none).
    """
    found = numbers(water_class)
    keys = np.zeros(len(found), np.int8) if by is None else by
    counts = pd.DataFrame({f"n_{k}": found == k for k in NUMBERS}).groupby(np.asarray(keys)).sum()
    counts = counts if by is not None else counts.reindex([0], fill_value=0)
    total = counts.sum(axis=1)
    shares = counts.rename(columns=lambda name: name.replace("n_", "share_")).div(total.where(total > 0), axis=0) * 100
    result = pd.concat([total.rename("sections"), counts, shares], axis=1)
    result["good_share"] = (
        counts[[f"n_{k}" for k in range(1, GOOD_UP_TO + 1)]].sum(axis=1) / total.where(total > 0) * 100
    )
    result["worst_share"] = result[f"share_{WORST}"]
    result["quality"] = quality_of_shares(result["good_share"], result["worst_share"])
    return result


def river_quality(
    sections: pd.DataFrame, by=None, body="river", items=ASSESSED, rounded=True, few: float | None = None
) -> pd.DataFrame:
    """Quality of rivers or basins from their sections (环办〔2011〕22号).

    Five sections and more: by the shares of their classes. Fewer: the mean of each item over all sections, then the
    worst item. "Five exactly" is not settled by the quoted text; ``few`` sets it.

    Parameters
    ----------
    sections : DataFrame
        One row a section, a column an item.
    by : array_like or column name, optional
        River or basin of each row; one row of result for each.
    body : {"river", "lake"} or array of them, a value a row
        Limits of the sections; means of a mixed group take those of a river.
    items, rounded
        As for `shuzhi.standards.water.section_class`.
    few : float, optional
        Number of sections from which shares are used (5).

    Returns
    -------
    DataFrame
        Row per group: that of `class_shares`, with quality by the method used; method ("shares", "means"),
        water_class (of the means; 0 for "shares"), main (symbols of at most three main pollutants, ";").

    Raises
    ------
    InputError
        No item to rate; unknown body.
    """
    few = rule("few_sections") if few is None else few
    bodies = np.broadcast_to(np.asarray(body, dtype=object), len(sections))
    keys = np.zeros(len(sections), np.int8) if by is None else sections[by] if isinstance(by, str) else by
    keys = np.asarray(keys)
    single = section_class(sections, bodies, items, rounded)
    result = class_shares(single["water_class"], keys).assign(method="shares", water_class=np.int8(NONE), main="")
    for label in result.index:
        chosen = (keys == label) & (single["water_class"].to_numpy() > NONE)
        if chosen.sum() >= few:
            result.at[label, "main"] = _symbols(shares_beyond(single[chosen]).index)
        elif chosen.any():
            one = _body_of(bodies[chosen])
            mean = means(sections.loc[chosen, columns_of(sections, items)])
            result.at[label, "method"] = "means"
            result.at[label, "water_class"] = section_class(mean, one, items, rounded)["water_class"].iloc[0]
            result.at[label, "main"] = main_pollutants(mean, one, items, rounded)["main"].iloc[0]
    by_means = result["method"] == "means"
    result.loc[by_means, "quality"] = quality(result.loc[by_means, "water_class"])
    return result


def _body_of(bodies: np.ndarray) -> str:
    return "lake" if (bodies == "lake").all() else "river"


def _symbols(names) -> str:
    return ";".join(SYMBOLS[name] for name in names[: int(rule("main_pollutants"))])
