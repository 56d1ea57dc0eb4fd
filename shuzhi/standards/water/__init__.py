"""The law of surface water (地表水): GB 3838-2002 and how its values are assessed (环办〔2011〕22号).

Items are named as in ``factors("water")``, values in its units; tables hold a row a section (or sample), a column an
item. Classes are int8 1…6 (Ⅰ…劣Ⅴ), 0 where there is none; qualities 1…5 (优…重度污染).

Beside the functions of tables stand those of arrays, of which they are made: values (rows, items), the items by name,
the kind of water as bool (whether the limits of lakes hold), groups by number.
"""

from shuzhi.standards.water.basics import (
    ASSESSED,
    AUTOMATIC,
    BODIES,
    ITEMS,
    ROMAN,
    SYMBOLS,
    group_means,
    items,
    limit,
    limits,
    means,
    round_items,
    round_values,
    supplementary,
)
from shuzhi.standards.water.change import changes, quality_change, share_change, trend
from shuzhi.standards.water.grading import (
    class_number,
    classes,
    classes_of,
    deciding,
    item_class,
    measured,
    meets_target,
    quality,
    roman,
    section_class,
    symbols_of,
)
from shuzhi.standards.water.index import cities_of, city_cwqi, cwqi, cwqi_change
from shuzhi.standards.water.lakes import (
    TLI_ITEMS,
    item_tli,
    item_tlis,
    lake_quality,
    tli,
    tli_of,
    trophic,
    trophic_levels,
)
from shuzhi.standards.water.pollutants import (
    exceedance,
    main_pollutants,
    multiples,
    shares_beyond,
    symbols_in_order,
    worst_first,
)
from shuzhi.standards.water.rivers import class_shares, qualities, quality_of_shares, river_quality, rivers_of

__all__ = [
    "ASSESSED",
    "AUTOMATIC",
    "BODIES",
    "ITEMS",
    "ROMAN",
    "SYMBOLS",
    "TLI_ITEMS",
    "changes",
    "cities_of",
    "city_cwqi",
    "class_number",
    "class_shares",
    "classes",
    "classes_of",
    "cwqi",
    "cwqi_change",
    "deciding",
    "exceedance",
    "group_means",
    "item_class",
    "item_tli",
    "item_tlis",
    "items",
    "lake_quality",
    "limit",
    "limits",
    "main_pollutants",
    "means",
    "measured",
    "meets_target",
    "multiples",
    "qualities",
    "quality",
    "quality_change",
    "quality_of_shares",
    "river_quality",
    "rivers_of",
    "roman",
    "round_items",
    "round_values",
    "section_class",
    "share_change",
    "shares_beyond",
    "supplementary",
    "symbols_in_order",
    "symbols_of",
    "tli",
    "tli_of",
    "trend",
    "trophic",
    "trophic_levels",
    "worst_first",
]
