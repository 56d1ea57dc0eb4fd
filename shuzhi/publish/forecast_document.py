"""The forecast as material for the meeting (会商材料): Word for the table, CSV and Excel for whoever computes on.

Every number is one of the stored issue, of its verification, or of what a forecaster signed.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from shuzhi.charts import forecast as charts
from shuzhi.charts.briefing import PAPER
from shuzhi.decision.outlook import against_targets
from shuzhi.errors import InputError, NotFoundError
from shuzhi.i18n import _, language, when
from shuzhi.publish import forecast_tables as tables
from shuzhi.publish import forecast_water as water
from shuzhi.publish.document import Paragraph, district_names, place_name
from shuzhi.publish.hand_out import hand_out
from shuzhi.publish.layout import Grid, Piece
from shuzhi.publish.pictures import Picture
from shuzhi.publish.tables import CSV_TYPE, XLSX_TYPE, Sheet, to_csv, to_xlsx
from shuzhi.publish.word_file import DOCX_TYPE, written
from shuzhi.research.forecast import drivers, issues, meeting, section_outlook, skill, words
from shuzhi.research.forecast.issues import TOLD, Issue
from shuzhi.research.forecast.scores import told_level
from shuzhi.research.forecast.words import Day
from shuzhi.status import air
from shuzhi.status.headline import level_name
from shuzhi.store import Home, Scope
from shuzhi.store.calendar import day_span

FORMATS = {"docx": DOCX_TYPE, "xlsx": XLSX_TYPE, "csv": CSV_TYPE}
"""Ending of the file → its type."""

VERIFIED = pd.Timedelta(days=62)
"""How far back the months begin whose scores are shown."""
SEEN_DAYS = 14
"""Days before the forecast that its picture shows."""

_PICTURE_HEIGHT = 250
_PLACES = ("city", "district", "station")
_ASCII = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


@dataclass(frozen=True)
class Material:
    """What the meeting is given.

    Attributes
    ----------
    issue : Issue
    simulated : bool
    city, place : str
        The home's city; the place that is told first, as the issue has it.
    called : str
        The place as it is called in the text.
    rows : DataFrame
        Daily rows of the place, all items and models.
    days : list of Day
        What the mixture tells of the place.
    districts : DataFrame
        AQI of the districts after the meeting; empty where the place is not the city.
    changed : DataFrame
        What forecasters wrote in the issue, oldest first, as from `meeting.history`.
    edited : mapping
        Date → AQI of the place after the meeting, where a forecaster changed it.
    scores : DataFrame
        Of the place's AQI in the months before and that of the issue, as from `skill.board`.
    basis : Basis
        What the scores are made of.
    seen : DataFrame
        What was measured of the place before the issue: time (end of the day, UTC), value (AQI), level.
    outlooks : DataFrame
        Of month and year, as from `decision.outlook.against_targets`; empty where the place is not the city.
    water : Water or None
        What is told of the sections; None where the place is not the city.
    reasons : tuple of str
        What drove the forecast, sentences.
    names : mapping
        Districts and stations as they are called in the text.
    """

    issue: Issue
    simulated: bool
    city: str
    place: str
    called: str
    rows: pd.DataFrame
    days: list[Day]
    districts: pd.DataFrame
    changed: pd.DataFrame
    edited: Mapping[dt.date, float]
    scores: pd.DataFrame
    basis: skill.Basis
    seen: pd.DataFrame
    outlooks: pd.DataFrame
    water: water.Water | None
    reasons: tuple[str, ...]
    names: Mapping[str, str]

    @property
    def told(self) -> pd.DataFrame:
        """Rows of the mixture."""
        return self.rows[self.rows["model"] == TOLD]

    @property
    def title(self) -> str:
        """Heading of the document."""
        return _("{place}空气质量预报会商材料").format(place=self.called)

    @property
    def dateline(self) -> str:
        """Which issue, and of what it was made."""
        issued, as_of = (when(time, _("y年M月d日 HH:mm")) for time in (self.issue.issued_at, self.issue.as_of))
        return _("{issued} 起报　数据截至 {as_of}").format(issued=issued, as_of=as_of)

    @property
    def mark(self) -> str:
        """模拟数据 or 实测数据, and that it was made afterwards."""
        mark = _("模拟数据") if self.simulated else _("实测数据")
        return _("{mark}　回算").format(mark=mark) if self.issue.hindcast else mark


def export(home: Home, scope: Scope, ending: str, issue: Issue | None = None, place: str | None = None) -> bytes:
    """The material of an issue as a file, in the language spoken now.

    Parameters
    ----------
    ending : str
        One of ``FORMATS``. Word: sentence, tables, picture; CSV and Excel: every daily number of the mixture.
    issue : Issue, optional
        By default the newest.
    place : str, optional
        The city (default), a district, or the code of a station.

    Raises
    ------
    ScopeError
        Forecasts may not be exported.
    InputError
        The ending is none of ``FORMATS``.
    NotFoundError
        There is no issue, or it tells nothing of the place.
    """
    if ending not in FORMATS:
        raise InputError(f"a forecast is written as {', '.join(FORMATS)}, not as '{ending}'")
    issue = issue or issues.newest(home, scope)
    if issue is None:
        raise NotFoundError("there is no forecast yet; make one with `forecast issue`")
    file = f"forecast_{issue.id}.{ending}"
    make = partial(_made, home, scope, ending, issue, place)
    return hand_out(home, scope, issues.DATASET, file, make, issue=issue.id, place=place or home.city)


def _made(home: Home, scope: Scope, ending: str, issue: Issue, place: str | None) -> bytes:
    if ending == "csv":
        return to_csv(tables.days_table(_every(home, scope, issue)))
    material = gather(home, scope, issue, place)
    return word(material) if ending == "docx" else workbook(material, _every(home, scope, issue))


def _every(home: Home, scope: Scope, issue: Issue) -> pd.DataFrame:
    """Daily rows of the mixture, and what a forecaster signed instead as rows of its own."""
    rows = issues.read(home, scope, issue)
    official = meeting.official(home, scope, issue, rows)
    signed = official.loc[official["edit"].notna(), rows.columns].assign(model=meeting.FORECASTER)
    return pd.concat([rows, signed.astype(rows.dtypes)], ignore_index=True) if len(signed) else rows


def gather(home: Home, scope: Scope, issue: Issue, place: str | None = None) -> Material:
    """All that the document says of an issue.

    Raises
    ------
    NotFoundError
        The issue tells nothing of the place.
    """
    place = place or home.city
    rows = issues.read(home, scope, issue, levels=_PLACES, places=[place], models=None)
    told = rows[rows["model"] == TOLD]
    days = words.told(told)
    if not days:
        raise NotFoundError(f"the issue {issue.id} tells nothing of “{place}”; name the city, a district or a station")
    whole = place == home.city
    names = _names(home, scope)
    found = issues.read(home, scope, issue, levels=["district"], items=["aqi"]) if whole else told.iloc[:0]
    outlooks = against_targets(home, scope, issues.outlook(home, scope, issue)) if whole else pd.DataFrame()
    level, months = told["level"].iloc[0], (issue.issued_at - VERIFIED, issue.issued_at)
    first, last = (f"{month:%Y-%m}" for month in months)
    return Material(
        issue=issue,
        simulated=home.kind == "simulated",
        city=home.city,
        place=place,
        called=place_name(place, names, whole),
        rows=rows,
        days=days,
        districts=meeting.official(home, scope, issue, found),
        changed=meeting.history(home, scope, issue),
        edited=_edited(meeting.official(home, scope, issue, told)),
        scores=skill.board(home, scope, level=level, place=place, first=first, last=last),
        basis=skill.basis(home, scope, first, last),
        seen=_seen(home, scope, told, place),
        outlooks=outlooks,
        water=water.gather(home, scope, issue, outlooks) if whole else None,
        reasons=_reasons(home, scope, issue, rows, days),
        names=names,
    )


def _edited(official: pd.DataFrame) -> dict[dt.date, float]:
    rows = official[(official["item"] == "aqi") & official["edit"].notna()]
    return {words.date_of(time): float(value) for time, value in zip(rows["time"], rows["value"], strict=True)}


def _names(home: Home, scope: Scope) -> dict[str, str]:
    stations = air.stations(home, scope, home.city)
    return dict(zip(stations["code"], stations["name"], strict=True)) | district_names(home, scope)


def _seen(home: Home, scope: Scope, told: pd.DataFrame, place: str) -> pd.DataFrame:
    """Daily AQI of the place on the days before the first that is told."""
    last = words.date_of(told["time"].min()) - dt.timedelta(days=1)
    span = last - dt.timedelta(days=SEEN_DAYS - 1), last
    if told["level"].iloc[0] == "station":
        days = air.daily(home, scope, *span, stations=[place])
    else:
        register = air.stations(home, scope, home.city)
        codes = None if place == home.city else register.loc[register["district"] == place, "code"].tolist()
        days = air.city_daily(home, scope, *span, stations=codes)
    days = days[days["aqi"].notna()]
    ends = pd.DatetimeIndex([day_span(day, day)[1] for day in pd.to_datetime(days["day"]).dt.date], tz="UTC")
    columns = {"value": days["aqi"].to_numpy(float), "level": days["level"].to_numpy(int)}
    return pd.DataFrame({"time": ends, **columns})


def _reasons(home: Home, scope: Scope, issue: Issue, rows: pd.DataFrame, days: Sequence[Day]) -> tuple[str, ...]:
    """What drove the forecast of the second day (tomorrow, of a morning's issue)."""
    day = days[min(1, len(days) - 1)]
    sky = drivers.anomalies(home, scope, issue, day.date) if scope.may("weather") else None
    tendency = {} if sky is None else drivers.tendency(sky)
    kept = issues.drivers(home, scope, issue, [rows["place"].iloc[0]])
    said = []
    for item in day.primary or ("aqi",):
        groups = drivers.of(kept, rows, item, day.lead)
        if groups is not None:
            said.append(_driven(day, item, drivers.in_words(groups, words.unit(item), tendency)))
    return (*said, *([] if sky is None else [drivers.weather_words(sky)]))


def _driven(day: Day, item: str, said: str) -> str:
    return _("{day} {item} {said}").format(day=words.date_text(day.date), item=words.symbol(item), said=said)


def word(material: Material) -> bytes:
    """The material as docx."""
    return written(material.title, material.dateline, material.mark, body(material), notes(material))


def picture(material: Material) -> Picture:
    """What was measured and what comes, with its bands."""
    told = material.told[material.told["item"] == "aqi"]
    told = told.assign(level=told_level(told["value"]))
    spec = charts.fan(material.seen, told, "aqi", PAPER, step=charts.DAY, height=_PICTURE_HEIGHT)
    caption = _("{place}近日实测与未来 7 天预报的AQI；深色带为 50% 区间，浅色带为 90% 区间")
    return Picture("fan", caption.format(place=material.called), spec)


def body(material: Material) -> list[Piece]:
    """Paragraphs, pictures and tables in their order."""
    lead = [_told(material, day) for day in material.days[:2]]
    found: list[Piece] = [_paragraph("lead", _("预报结论"), [*lead, words.week(material.days)])]
    found.append(picture(material))
    found.append(tables.week(material.days, material.edited))
    found.append(tables.concentrations(material.days))
    if len(material.changed):
        found.append(_paragraph("edits", _("会商订正"), [_signed(material)]))
        found.append(tables.edits(material.changed, material.names))
    found.append(_paragraph("reasons", _("影响因素与方式"), [*material.reasons, words.mode(material.issue)]))
    if len(material.outlooks):
        of_air = material.outlooks[~material.outlooks["item"].isin(section_outlook.ITEMS)].to_dict("records")
        found += [_paragraph("outlook", _("展望"), [words.outlook(row) for row in of_air])] if of_air else []
    if len(material.districts):
        found.append(tables.districts(material.districts, material.names))
    if material.water is not None:
        found.append(_paragraph("water", _("地表水断面"), water.sentences(material.water)))
        found += water.grids(material.water)
    found.append(tables.models(material.rows[material.rows["item"] == "aqi"]))
    if len(material.scores):
        found.append(_paragraph("skill", _("近期检验"), [_verified(material.basis)]))
        found.append(tables.verification(material.scores))
    return found


def _told(material: Material, day: Day) -> str:
    parts = [words.sentence(material.days, day.date, material.issue.day), words.band(material.days, day.date)]
    if day.date in material.edited:
        aqi = material.edited[day.date]
        text = _("会商订正为 AQI {aqi}，{level}。")
        parts.append(text.format(aqi=f"{aqi:.0f}", level=level_name(int(told_level(aqi)))))
    return ("" if language() == "zh" else " ").join(part for part in parts if part)


def _verified(basis: skill.Basis) -> str:
    text = _("{first} 至 {last} 的 {n} 期预报已与实况对照，其中 {k} 期为回算。")
    return text.format(first=basis.first, last=basis.last, n=basis.issues, k=basis.hindcasts)


def _signed(material: Material) -> str:
    return _("预报员订正了 {n} 处；模型值与订正值都保留，都参加检验。").format(n=len(material.changed))


def _paragraph(key: str, heading: str, lines: Sequence[str]) -> Paragraph:
    text = "\n".join(line.translate(_ASCII) for line in lines if line)
    return Paragraph(key, heading, (text,))


def notes(material: Material) -> list[str]:
    """How the numbers were made and what they mean; plain sentences."""
    issue = material.issue
    found = [
        _("预报期次 {id}，模型版本 {version}。第 1 天为最后一个完整观测日的次日。").format(
            id=issue.id, version=tables.clean(issue.model_version)
        ),
        _("AQI 由六项污染物的预报按 HJ 633 计算，各模型按近期检验的误差加权为集合预报。"),
        _("区间和可能性由已经检验的预报误差得出：90% 区间应包含约九成的实况，可能性是所列级别（范围）出现的概率。"),
        _("级别准确指级别与实况相同（HJ 1130）；两级范围指实况在所报级别或更可能的邻级之内；技巧为 1 减平均误差之比。"),
    ]
    if material.water is not None:
        found.append(water.note())
    if material.simulated:
        found.append(_("本材料数据为模拟数据，不是实测，不得对外发布。"))
    return found


def workbook(material: Material, rows: pd.DataFrame) -> bytes:
    """The material as Excel: every daily number of the mixture, the models, what was signed, classes of the sections.

    Parameters
    ----------
    rows : DataFrame
        Daily rows of the issue, mixture, all places.
    """
    head = [(_("预报期次"), material.issue.id), (_("来源"), _("数智环境，{city}").format(city=material.city))]
    head += [(_("数据"), material.mark)]
    sheets = [
        Sheet(_("逐日预报"), head, tables.days_table(rows)),
        Sheet(_("各模型"), head, tables.days_table(material.rows)),
    ]
    if len(material.changed):
        grid: Grid = tables.edits(material.changed, material.names)
        sheets.append(Sheet(_("会商订正"), head, tables.grid_table(grid)))
    if material.water is not None:
        sheets.append(Sheet(_("地表水断面"), head, water.table(material.water)))
    return to_xlsx([*sheets, Sheet(_("方法"), [("", note) for note in notes(material)], pd.DataFrame())])
