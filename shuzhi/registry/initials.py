"""Initials (拼音首字母) of Chinese names: 成都热电厂 is found by ``cdrdc``."""

import pyarrow as pa
import pyarrow.compute as pc
from pypinyin import Style, lazy_pinyin


def initials(names: pa.Array) -> pa.Array:
    """Initials of names, lower case; letters and digits stay, other signs are left out.

    Each sign is looked up once for all names: 270 000 names have a few thousand different ones. A sign with several
    readings (重, 行) has its usual one.
    """
    text = "\n".join(name or "" for name in names.to_pylist()).lower()
    table = {ord(sign): _initial(sign) for sign in set(text) - {"\n"}}
    return pa.array(text.translate(table).split("\n"), pa.string()) if len(names) else pc.cast(names, pa.string())


def _initial(sign: str) -> str:
    if sign.isascii():
        return sign if sign.isalnum() else ""
    found = lazy_pinyin(sign, style=Style.FIRST_LETTER, errors="ignore")
    return found[0] if found and found[0].isascii() else ""
