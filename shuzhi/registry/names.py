"""What the registers call things: code lists of ``data/registers`` and heads of columns, in the language spoken now."""

from functools import cache

import pandas as pd

from shuzhi.i18n import N_, _, language
from shuzhi.settings import DATA
from shuzhi.store.schema import EMISSIONS

_HEADS = {
    "id": N_("编号"),
    "name": N_("单位名称"),
    "credit_code": N_("统一社会信用代码"),
    "permit_code": N_("排污许可证编号"),
    "industry": N_("行业代码"),
    "permit_class": N_("管理类别"),
    "unit": N_("管理单位"),
    "district": N_("行政区"),
    "street": N_("街道"),
    "address": N_("地址"),
    "lon": N_("经度"),
    "lat": N_("纬度"),
    "status": N_("状态"),
    "year": N_("排放年份"),
    "code": N_("机械环保代码"),
    "type": N_("机械类型"),
    "maker": N_("生产厂家"),
    "model": N_("型号"),
    "power": N_("功率（kW）"),
    "stage": N_("排放阶段"),
    "fuel": N_("燃料"),
    "owner": N_("所有人"),
    "seen_at": N_("最后定位"),
    "zone": N_("所在低排区"),
    "forbidden": N_("低排区内禁用"),
    "valid_from": N_("起始日"),
    "valid_to": N_("终止日"),
}


@cache
def names_of(codes: str) -> pd.DataFrame:
    """A code list, indexed by code: name_zh, name_en and what it has beside."""
    table = pd.read_csv(DATA / "registers" / f"{codes}.csv", dtype=str, keep_default_na=False)
    return table.set_index("code")


def name(codes: str, code: str | None) -> str:
    """Name of a code; the code itself where the list does not know it."""
    return _spoken(codes, language()).get(code) or code or ""


def head(column: str) -> str:
    """Head of a column of a register; pollutants with their unit."""
    if column in EMISSIONS:
        return f"{name('pollutants', column)} (t/a)"
    return _(_HEADS[column]) if column in _HEADS else column


def industry(branch: str | None) -> str:
    """Name of a branch of the tree of industries: C, C30, C301, C3011; in English that of its division."""
    code = branch[1:] if branch and len(branch) > 1 else branch
    if language() == "en" and code and not names_of("industries")["name_en"].get(code):
        code = code[:2]
    return name("industries", code)


@cache
def _spoken(codes: str, lang: str) -> dict[str, str]:
    """Code → name in a language, or the Chinese one; a table answers such questions a hundred times slower."""
    table = names_of(codes)
    return table[f"name_{lang}"].where(table[f"name_{lang}"] != "", table["name_zh"]).to_dict()
