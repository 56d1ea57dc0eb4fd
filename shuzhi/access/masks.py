"""Masks (脱敏): what of a phone number or a name is shown to whoever may not see the full record.

A mask depends on the text alone, so that equal texts stay equal and a masked value can be kept where many read it.
"""

import re
import unicodedata

HIDDEN = "*"

_COMPOUND = frozenset(
    re.findall(
        "..",
        "欧阳太史上官端木司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容"
        "仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐"
        "段干百里呼延东郭南门羊舌微生公户公玉公仪梁丘公仲公上公门公山公坚左丘公伯西门公祖第五公乘贯丘公皙"
        "南荣东里东宫仲长子书子桑即墨达奚褚师",
    )
)
"""Surnames of two characters."""
_HAN = re.compile(r"[㐀-鿿]+")
_WORKING = (
    "公司|集团|企业|厂|队|局|部|站|店|所|中心|社|院|行|处|校|会|室|户|村|组|园|矿|场|库|铺|坊|馆|城|港|银|铁|工程|重工|机械|建筑|"
    "建设|建工|租赁|设备|工业|实业|物流|物业|环卫|市政|路桥|项目|政府|街道|委|Co|Ltd|Inc|Group|Company|Corp"
)
_ORGANISED = re.compile(_WORKING, re.IGNORECASE)
_SHORT_FIRM = re.compile("[厂队局店站所社]$")
_SHORT, _LONGEST_NAME = 3, 4
"""Chinese characters of nearly all personal names, and of any; longer ones have a middle dot (买买提·阿不都)."""
_SAID = re.compile(r"^(个人|个体户?|自然人)[:：\s]*|[(（]?(个人|个体户?|自然人)[)）]?$")
"""What a register writes beside the name of a natural person."""
_NUMBER = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}(?!\d)")


def phone(text: str | None) -> str | None:
    """A phone number with its middle hidden: 13812341234 → 138****1234, 028-86123456 → 028****3456.

    Of a number with fewer than eight digits nothing is shown.
    """
    if not text:
        return text
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
    if len(digits) > 11 and digits.startswith(("86", "0086")):
        digits = digits.removeprefix("00").removeprefix("86")
    return f"{digits[:3]}{HIDDEN * 4}{digits[-4:]}" if len(digits) >= 8 else HIDDEN * 4


def person(text: str | None) -> str | None:
    """A personal name of which the surname stays: 李娜 → 李*, 欧阳娜 → 欧阳*, Li Na → L*."""
    if not text:
        return text
    name = text.strip()
    if name[:2] in _COMPOUND and len(name) > 2:
        return name[:2] + HIDDEN
    return name[:1] + HIDDEN


def owner(text: str | None) -> str | None:
    """An owner as a register states it: a natural person's name is masked, that of an organisation stays.

    A mobile number in it is masked in either case.
    """
    if not text:
        return text
    rest = _NUMBER.sub("", text).strip(" ,，、/:：()（）")
    if is_person(rest):
        return person(_SAID.sub("", rest).strip())
    return _NUMBER.sub(lambda found: phone(found[0]), text)


def is_person(text: str | None) -> bool:
    """Whether an owner is taken for a natural person.

    A register does not tell; a short name without a word that organisations have is taken for a person's. The rule errs
    on the side of hiding: a firm with a short name is masked too.
    """
    name = (text or "").strip()
    if not name or HIDDEN in name:
        return False
    if _SAID.search(name):
        return bool(_SAID.sub("", name).strip())
    parts = [part for part in re.split(r"[·•・.\s]+", name) if part]
    if parts and all(_HAN.fullmatch(part) for part in parts):
        return _is_chinese_name(parts)
    latin = all(re.fullmatch(r"[^\W\d_]+(['-][^\W\d_]+)*", part) for part in parts)
    return latin and 2 <= len(parts) <= _LONGEST_NAME and not _ORGANISED.search(name)


def _is_chinese_name(parts: list[str]) -> bool:
    letters = "".join(parts)
    if len(letters) <= _SHORT:
        return not _SHORT_FIRM.search(letters)
    if len(parts) == 1 and letters[:2] in _COMPOUND and len(letters) == _LONGEST_NAME:
        return True
    return (len(parts) > 1 or len(letters) == _LONGEST_NAME) and not _ORGANISED.search(letters)
