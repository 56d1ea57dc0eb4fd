"""The law of surface water (地表水): GB 3838-2002 and how its values are assessed (环办〔2011〕22号).

Items are named as in ``factors("water")``, values in its units; tables hold a row a section (or sample), a column an
item. Classes are int8 1…6 (Ⅰ…劣Ⅴ), 0 where there is none; qualities 1…5 (优…重度污染).
"""

from shuzhi.standards.water.basics import (
    ASSESSED,
    AUTOMATIC,
    BODIES,
    ITEMS,
    ROMAN,
    SYMBOLS,
    items,
    limit,
    limits,
    means,
    round_items,
    supplementary,
)
from shuzhi.standards.water.change import changes, quality_change, share_change, trend
from shuzhi.standards.water.grading import (
    class_number,
    classes,
    item_class,
    meets_target,
    quality,
    roman,
    section_class,
)
from shuzhi.standards.water.index import city_cwqi, cwqi, cwqi_change
from shuzhi.standards.water.lakes import TLI_ITEMS, item_tli, lake_quality, tli, trophic, trophic_levels
from shuzhi.standards.water.pollutants import exceedance, main_pollutants, shares_beyond
from shuzhi.standards.water.rivers import class_shares, qualities, quality_of_shares, river_quality

__all__ = [
    "ASSESSED",
    "AUTOMATIC",
    "BODIES",
    "ITEMS",
    "ROMAN",
    "SYMBOLS",
    "TLI_ITEMS",
    "changes",
    "city_cwqi",
    "class_number",
    "class_shares",
    "classes",
    "cwqi",
    "cwqi_change",
    "exceedance",
    "item_class",
    "item_tli",
    "items",
    "lake_quality",
    "limit",
    "limits",
    "main_pollutants",
    "means",
    "meets_target",
    "qualities",
    "quality",
    "quality_change",
    "quality_of_shares",
    "river_quality",
    "roman",
    "round_items",
    "section_class",
    "share_change",
    "shares_beyond",
    "supplementary",
    "tli",
    "trend",
    "trophic",
    "trophic_levels",
]
