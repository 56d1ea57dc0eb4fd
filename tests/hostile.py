"""A home in which every name that comes from a file tries to be HTML, a formula or Markdown."""

import csv
import io
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from shuzhi.access import accounts, operator
from shuzhi.ingest.layer import import_layer
from shuzhi.ingest.service import (
    import_air_archive,
    import_inventory,
    import_machines,
    import_positions,
    import_sections,
    import_stations,
    import_water_stations,
)
from shuzhi.registry import organisations, people
from shuzhi.settings import BEIJING
from shuzhi.store import Home, open_home
from tests.ingest.test_inventory_door import HEAD as SOURCE_HEAD
from tests.ingest.test_machine_doors import HEAD as MACHINE_HEAD
from tests.ingest.test_machine_doors import TRACK_HEAD
from tests.water import SECTIONS, rows

IMAGE, SCRIPT, MARK = "<img src=x onerror=alert(1)>", '"><script>alert(2)</script>', ":red[**x**](y) ![a](b)"
FORMULA = '=HYPERLINK("http://x.example","点")'
FIXTURES = Path(__file__).parent / "fixtures"
AT = "2019-08-26T15:00"


def home_of(folder: Path) -> Home:
    """Stations with their air, sections with their water, sources, machines, districts, people, accounts; none of
    their names is to be trusted."""
    home = open_home(folder / "home", create="real")
    _districts(home, folder / "d.gpkg")
    _air(home, folder)
    _water(home, folder)
    _registers(home, folder)
    _people(home)
    return home


def _districts(home: Home, path: Path) -> None:
    names = [f"甲{IMAGE}", f"乙{SCRIPT}"]
    shapes = [shapely.box(103.8, 30.4, 104.05, 30.9), shapely.box(104.05, 30.4, 104.6, 30.9)]
    gpd.GeoDataFrame({"name": names}, geometry=shapes, crs="EPSG:4490").to_file(path)
    import_layer(home, path, "district")


def _air(home: Home, folder: Path) -> None:
    table = pd.read_csv(FIXTURES / "stations_chengdu.csv", dtype=str)
    table["监测点名称"] = [f"{name}{evil}" for name, evil in zip(table["监测点名称"], 2 * _evils(), strict=True)]
    table["区县"] = f"甲{IMAGE}"
    table.to_csv(folder / f"{IMAGE}.csv", index=False)
    import_stations(home, folder / f"{IMAGE}.csv")
    import_air_archive(home, [FIXTURES])


def _water(home: Home, folder: Path) -> None:
    sections, readings = SECTIONS, rows(2026)
    for name, evil in zip(("甲桥", "乙桥", "丙桥", "丁桥"), _evils(), strict=False):
        cell = _cell(f"{name}{evil}")
        sections, readings = sections.replace(f"{name},", f"{cell},"), readings.replace(f",{name},", f",{cell},")
    sections = sections.replace(",清水河,", f",{_cell('清水河' + IMAGE)},")
    (folder / "s.csv").write_text(sections, encoding="utf-8")
    (folder / "w.csv").write_text(readings, encoding="utf-8")
    import_sections(home, folder / "s.csv")
    import_water_stations(home, folder / "w.csv", 2026)


def _registers(home: Home, folder: Path) -> None:
    sources = [
        f"P{n},{_cell(evil)},,,3011,重点管理,,,{_cell(evil)},104.{n},30.6{n},在产,2025,{n}.5,2500\n"
        for n, evil in enumerate(_evils())
    ]
    machines = [
        f"3-AA0012{n},1234567890123456{n},挖掘机,{_cell(evil)},{_cell(evil)},110,国三,柴油,{_cell(evil)},\n"
        for n, evil in enumerate(_evils())
    ]
    now = pd.Timestamp.now(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    track = [f"3-AA0012{n},{now},104.0{n},30.64\n" for n in range(4)]
    (folder / f"{SCRIPT.replace('/', '')}.csv").write_text(SOURCE_HEAD + "".join(sources), encoding="utf-8")
    (folder / f"{IMAGE}.csv").write_text(MACHINE_HEAD + "".join(machines), encoding="utf-8")
    (folder / "t.csv").write_text(TRACK_HEAD + "".join(track), encoding="utf-8")
    import_inventory(home, folder / f"{SCRIPT.replace('/', '')}.csv")
    import_machines(home, folder / f"{IMAGE}.csv")
    import_positions(home, folder / "t.csv")


def _people(home: Home) -> None:
    scope = operator()
    for number, evil in enumerate(_evils()):
        accounts.create(home, scope, f"evil-{number}", evil, "leader", ())
        office = organisations.add(home, scope, f"局{evil}", "bureau")
        people.add(home, scope, evil, office, code=f"e-{number}", phone="15400001234", title=evil)


def _evils() -> list[str]:
    return [IMAGE, SCRIPT, MARK, FORMULA]


def _cell(text: str) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow([text])
    return written.getvalue()
