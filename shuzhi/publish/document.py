"""A briefing as a document (新闻稿): title, paragraphs, notes; as it was made, and as the officer has changed it.

Every export takes a document and shows exactly what is in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shuzhi.i18n import _, language
from shuzhi.publish import words
from shuzhi.publish.facts import Difference, Fact, Parts, difference, facts_of, located, plain
from shuzhi.publish.figures import Figures, gather
from shuzhi.publish.period import Period
from shuzhi.registry import places
from shuzhi.store import Home, Scope


@dataclass(frozen=True)
class Paragraph:
    """A piece of text that can be changed.

    Attributes
    ----------
    key, heading : str
        ``title``, ``lead`` … and the heading above it ("" = none).
    made : Parts
        As generated.
    edited : str or None
        What the officer wrote instead.
    """

    key: str
    heading: str
    made: Parts
    edited: str | None = None

    @property
    def text(self) -> str:
        """What is shown and exported."""
        return plain(self.made) if self.edited is None else self.edited

    @property
    def parts(self) -> Parts:
        """The same with the facts that stand in it."""
        return self.made if self.edited is None else located(self.edited, facts_of(self.made))

    @property
    def difference(self) -> Difference:
        """Where its numbers are not those of the data."""
        return Difference((), ()) if self.edited is None else difference(self.edited, self.made)

    def with_text(self, text: str | None) -> "Paragraph":
        """Edited; None, or the generated text itself, brings that back."""
        return replace(self, edited=None if text is None or text.strip() == plain(self.made) else text.strip())


@dataclass(frozen=True)
class Document:
    """What is on the page and in every export.

    Attributes
    ----------
    figures : Figures
    place : str
        As it is called in the text.
    language : str
    title : Paragraph
    paragraphs : tuple of Paragraph
        Those with text; an emptied one is left out of what is shown.
    notes : tuple of str
    names : dict
        District → as it is called in the text.
    """

    figures: Figures
    place: str
    language: str
    title: Paragraph
    paragraphs: tuple[Paragraph, ...]
    notes: tuple[str, ...]
    names: Mapping[str, str]

    @property
    def every(self) -> tuple[Paragraph, ...]:
        """Title and paragraphs."""
        return (self.title, *self.paragraphs)

    @property
    def shown(self) -> tuple[Paragraph, ...]:
        """Paragraphs that the officer has not emptied."""
        return tuple(paragraph for paragraph in self.paragraphs if paragraph.text)

    @property
    def facts(self) -> list[Fact]:
        """Every number of the generated text, in its order."""
        return [fact for paragraph in self.every for fact in facts_of(paragraph.made)]

    @property
    def edits(self) -> dict[str, str]:
        """Changed texts by key."""
        return {paragraph.key: paragraph.edited for paragraph in self.every if paragraph.edited is not None}

    @property
    def mark(self) -> str:
        """模拟数据 or 实测数据."""
        return _("模拟数据") if self.figures.kind == "simulated" else _("实测数据")

    @property
    def dateline(self) -> str:
        """As of when the data are, in one line."""
        as_of = self.figures.as_of
        return _("数据截至{time}").format(time="–" if as_of is None else f"{as_of:%Y-%m-%d %H:%M}")

    @property
    def file_stem(self) -> str:
        """Name of its files without the ending: plain letters."""
        first, last = self.figures.period.first, self.figures.period.last
        days = f"{first:%Y%m%d}" if first == last else f"{first:%Y%m%d}-{last:%Y%m%d}"
        name = "_".join([_("空气质量简报"), self.place, days])
        return "".join(sign if sign.isalnum() or sign in "_-" else "-" for sign in name)

    def with_edits(self, edits: Mapping[str, str]) -> "Document":
        """The document with the texts that an officer wrote, by key; unknown keys are left alone."""
        title, *paragraphs = (paragraph.with_text(edits.get(paragraph.key)) for paragraph in self.every)
        return replace(self, title=title, paragraphs=tuple(paragraphs))


def write(home: Home, scope: Scope, period: Period, place: str | None = None) -> Document | None:
    """The document of a period and place in the language spoken now; None in a home without air readings.

    Raises
    ------
    NotFoundError
        The place has no station.
    """
    figures = gather(home, scope, period, place)
    return None if figures is None else compose(figures, district_names(home, scope))


def compose(figures: Figures, names: Mapping[str, str]) -> Document:
    """The document of figures.

    Parameters
    ----------
    names : mapping
        District → its name in the language spoken now.
    """
    place = place_name(figures.place, names, figures.whole_city)
    paragraphs = [Paragraph("lead", "", words.lead(figures, place))]
    if figures.this.valid:
        if figures.period.days > 1:
            paragraphs.append(Paragraph("levels", _("空气质量级别"), words.level_days(figures)))
            paragraphs.append(Paragraph("polluted", _("污染天与超标"), words.polluted_days(figures)))
        paragraphs.append(Paragraph("items", _("主要污染物"), words.concentrations(figures)))
        if figures.whole_city:
            paragraphs.append(Paragraph("districts", _("各区县"), words.districts(figures, dict(names))))
    paragraphs.append(Paragraph("water", _("地表水"), words.surface_water(figures)))
    return Document(
        figures=figures,
        place=place,
        language=language(),
        title=Paragraph("title", "", words.title(figures, place)),
        paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph.made),
        notes=tuple(words.notes(figures)),
        names=names,
    )


def district_names(home: Home, scope: Scope) -> dict[str, str]:
    """Districts and functional zones as they are called in the language spoken now."""
    properties = [f["properties"] for kind in ("district", "zone") for f in places.layer(home, scope, kind)["features"]]
    english = language() == "en"
    return {each["name"]: (each["name_en"] or each["name"]) if english else each["name"] for each in properties}


def place_name(place: str, names: Mapping[str, str], whole_city: bool) -> str:
    """成都市 or Chengdu; a district by its own name."""
    if not whole_city:
        return names.get(place, place)
    return CITY_NAMES.get(place, place) if language() == "en" else f"{place.removesuffix('市')}市"


CITY_NAMES = {"成都": "Chengdu"}
"""English names of cities; another is written as the home has it."""
