"""Colour tokens of the look, light (desk) and dark (wall), as data for charts and maps.

``ui/look/base.css`` repeats them as ``light-dark()`` custom properties; a test holds the two equal.
"""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Tokens:
    """Colours of one mode; CSS colour strings."""

    dark: bool
    bg: str
    surface: str
    land: str
    sunken: str
    line: str
    line2: str
    ink: str
    ink2: str
    ink3: str
    accent: str
    primary: str
    river: str
    river_name: str
    stale: str
    keyline: str
    pollutants: MappingProxyType

    def pollutant(self, item: str) -> str:
        """Line colour of an item (``pm25`` … ``o3``; ``o3_8h`` is ozone)."""
        return self.pollutants[item.removesuffix("_8h")]


LIGHT = Tokens(
    dark=False,
    bg="#F5F6F4",
    surface="#FFFFFF",
    land="#FFFFFF",
    sunken="#E9ECE9",
    line="#D5DAD6",
    line2="#98A29D",
    ink="#17201D",
    ink2="#47524E",
    ink3="#5F6A66",
    accent="#0E5A70",
    primary="#0E5A70",
    river="#9FB9C4",
    river_name="#3F6D7E",
    stale="#7A8580",
    keyline="rgba(23,32,29,.6)",
    pollutants=MappingProxyType(
        {
            "o3": "#0E5A70",
            "pm25": "#8A5A2B",
            "pm10": "#A8842C",
            "no2": "#5B4A8A",
            "so2": "#3D6B4F",
            "co": "#56615D",
        }
    ),
)

DARK = Tokens(
    dark=True,
    bg="#0E1312",
    surface="#171E1C",
    land="#1A2220",
    sunken="#222B29",
    line="#2C3634",
    line2="#5D6966",
    ink="#E9EEEC",
    ink2="#B7C1BE",
    ink3="#939E9B",
    accent="#7FC4D6",
    primary="#4996AC",
    river="#3F6270",
    river_name="#8FB2BF",
    stale="#7B8683",
    keyline="rgba(233,238,236,.55)",
    pollutants=MappingProxyType(
        {
            "o3": "#7FC4D6",
            "pm25": "#D9A877",
            "pm10": "#D8C27A",
            "no2": "#B3A3E0",
            "so2": "#8FC7A3",
            "co": "#A3AEAB",
        }
    ),
)


def tokens(dark: bool) -> Tokens:
    """The tokens of a mode."""
    return DARK if dark else LIGHT
