"""Sums become scores; references are weighed as the model's own pairs are; a claim carries what takes no skill."""

import datetime as dt
import io

import pandas as pd
import pyarrow as pa
import pytest
import typer
from typer.testing import CliRunner

from shuzhi.errors import InputError, ScopeError
from shuzhi.research.forecast import issues, skill, verify, verify_cli
from shuzhi.store import Scope, open_home
from shuzhi.store.schema import TABLES
from tests import verified

ALL = Scope.all()


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """For reading only."""
    home = verified.verified_home(tmp_path_factory.mktemp("skill") / "home")
    verify.refresh(home)
    return home


def score(month: str, model: str, n: int, absolute: float, lead: int = 1, **counts) -> dict:
    row = {"kind": "air", "grain": "day", "level": "city", "place": "成都", "item": "aqi"}
    row |= {"month": month, "model": model, "lead": lead, "n": n, "sum_absolute": absolute}
    return row | {"n_levels": n, "n_bands": n, "n_chances": n} | counts


def written(folder, rows: list[dict]):
    home = open_home(folder / "home")
    schema = TABLES["forecast_score"].schema
    table = pd.DataFrame(rows).reindex(columns=schema.names).fillna(0)
    home.lake.append("forecast_score", pa.Table.from_pandas(table, schema=schema, preserve_index=False))
    home.changed()
    return home


def test_the_board_is_that_of_the_hand(scored):
    board = skill.board(scored, ALL).set_index(["model", "lead"])
    day1, day2 = board.loc[("ensemble", 1)], board.loc[("ensemble", 2)]
    assert (day1["n"], day1["mae"], day1["bias"], day1["rmse"]) == (1, 7, -7, 7)
    assert day1["skill_persistence"] == pytest.approx(1 - 7 / 22)
    assert day1["skill_climatology"] == pytest.approx(1 - 7 / 12)
    assert day2["skill_persistence"] == pytest.approx(1 - 37 / 72)
    assert (day2["misses"], day2["hits"], day2["csi"]) == (1, 0, 0)
    assert (day1["always_good"], day2["always_good"]) == (1, 0)
    assert (day1["good_or_not"], day2["good_or_not"]) == (1, 0)
    assert (day1["primary_right"], day2["primary_right"]) == (1, 0)
    assert (day1["within_one_climatology"], day1["range25_climatology"]) == (1, 1)  # 82 lies in 70 ± 25 %
    assert board["two_level"].isna().tolist() == [False, False] + [True] * 4
    assert board.index[0] == ("ensemble", 1)


def test_a_reference_is_weighed_as_the_models_own_pairs(tmp_path):
    rows = [score("2026-01", "persistence", 10, 300), score("2026-07", "persistence", 10, 100)]
    rows += [score("2026-07", "trees", 5, 40)]  # younger than the persistence, and with half of its days
    home = written(tmp_path, rows)
    board = skill.board(home, ALL).set_index("model")
    # In July the persistence misses by 10: on the five days of the trees, 50 together.
    assert board.loc["trees", "skill_persistence"] == pytest.approx(1 - 40 / 50)
    assert board.loc["persistence", "mae"] == 20


def test_seasons_and_spans_choose_months(tmp_path):
    rows = [score("2025-12", "ensemble", 10, 100), score("2026-02", "ensemble", 10, 300)]
    home = written(tmp_path, [*rows, score("2026-07", "ensemble", 10, 50)])
    seasons = skill.board(home, ALL, by=["season"]).set_index("season")["mae"]
    assert seasons.to_dict() == {"summer": 5, "winter": 20}
    assert skill.board(home, ALL, season="summer")["mae"].tolist() == [5]
    assert skill.board(home, ALL, first="2026-01")["mae"].tolist() == [17.5]
    assert skill.board(home, ALL, first=dt.date(2026, 1, 15), last="2026-02")["mae"].tolist() == [30]
    assert skill.board(home, ALL, by=["month"])["month"].tolist() == ["2025-12", "2026-02", "2026-07"]
    with pytest.raises(InputError, match="monsoon"):
        skill.board(home, ALL, season="monsoon")


def test_places_stand_by_themselves_or_together(tmp_path):
    rows = [score("2026-07", "ensemble", 10, 50, lead) | {"level": "station", "place": "A"} for lead in (1, 2)]
    rows += [score("2026-07", "ensemble", 30, 450) | {"level": "station", "place": "B"}]
    home = written(tmp_path, rows)
    each = skill.board(home, ALL, level="station", by=["place"]).set_index(["place", "lead"])["mae"]
    assert each.to_dict() == {("A", 1): 5, ("A", 2): 5, ("B", 1): 15}
    pooled = skill.rated(skill.read(home, ALL, level="station"), ["place"])
    assert pooled.set_index("place")["n"].to_dict() == {"A": 20, "B": 30}
    assert skill.board(home, ALL, level="station").set_index("lead")["mae"].to_dict() == {1: 12.5, 2: 5}
    assert skill.board(home, ALL, level="station", place="B")["mae"].tolist() == [15]


def test_live_issues_are_told_apart_from_those_made_afterwards(tmp_path):
    rows = [score("2026-11", "hindcast:ensemble", 24, 480), score("2026-11", "hindcast:persistence", 24, 960)]
    rows += [score("2026-11", "ensemble", 1, 5), score("2026-11", "persistence", 1, 20)]
    home = written(tmp_path, rows)
    assert skill.board(home, ALL)["n"].tolist() == [25, 25]
    live = skill.board(home, ALL, made="live").set_index("model")
    assert live.loc["ensemble", ["n", "mae", "skill_persistence"]].tolist() == [1, 5, 0.75]
    later = skill.board(home, ALL, made="hindcast").set_index("model")
    assert later.loc["ensemble", ["n", "mae", "skill_persistence"]].tolist() == [24, 20, 0.5]
    both = skill.board(home, ALL, by=["made"]).set_index(["made", "model"])["n"].to_dict()
    assert (both["live", "ensemble"], both["hindcast", "ensemble"]) == (1, 24)
    with pytest.raises(InputError, match="guessed"):
        skill.board(home, ALL, made="guessed")
    with pytest.raises(InputError, match="weekday"):
        skill.board(home, ALL, by=["weekday"])


def test_a_claim_carries_its_definition_and_what_takes_no_skill(tmp_path):
    rows = [score("2026-07", "ensemble", 10, 50, 1, two_level=10, always_good=8)]
    rows += [score("2026-07", "ensemble", 10, 50, 7, two_level=7, always_good=8)]
    rows += [score("2026-07", "climatology", 10, 50, lead, two_level=9) for lead in (1, 7)]
    claims = skill.claims(skill.read(written(tmp_path, rows), ALL))
    assert [one.definition for one in claims] == list(skill.CLAIMS)
    (found,) = [one for one in claims if one.definition == "two_level"]
    assert (found.share, found.lowest, found.n) == (0.85, 0.7, 20)
    assert (found.always_good, found.climatology) == (0.8, 0.9)
    assert found.persistence != found.persistence
    assert (found.first, found.last, found.leads) == ("2026-07", "2026-07", (1, 7))
    assert "相邻两级" in found.text


def test_there_is_no_claim_without_verified_days(tmp_path):
    with pytest.raises(InputError, match="verified"):
        skill.claims(skill.read(open_home(tmp_path / "empty"), ALL))


def test_reliability_holds_chances_against_what_came(scored):
    polluted = skill.reliability(scored, ALL)
    # Lead 1 held it likely with 0.1, and it did not come; lead 2 with 0.4, and it came.
    assert polluted["probability"].tolist() == pytest.approx([0.1, 0.4])
    assert polluted["frequency"].tolist() == [0, 1]
    good = skill.reliability(scored, ALL, event="good")
    assert good["probability"].tolist() == pytest.approx([0.6, 0.9])
    assert good["frequency"].tolist() == [0, 1]
    assert skill.reliability(scored, ALL, first=verified.DAYS[1])["n"].tolist() == [1]
    assert skill.reliability(scored, ALL, leads=[1])["frequency"].tolist() == [0]


def test_hindcasts_are_counted_as_such(tmp_path):
    home = verified.verified_home(tmp_path / "home")
    later = verified.ISSUED + pd.Timedelta(days=1)
    issues.record(home, verified.issue(later, hindcast=True), verified.city_rows(later))
    assert skill.basis(home, ALL) == skill.Basis(2, 1, "2019-08-01T08", "2019-08-02T08")
    assert skill.basis(home, ALL, made="live") == skill.Basis(1, 0, "2019-08-01T08", "2019-08-01T08")
    assert skill.basis(home, ALL, first="2019-09") == skill.Basis(0, 0, None, None)


def test_an_empty_home_has_empty_boards(tmp_path):
    home = open_home(tmp_path / "home")
    assert skill.board(home, ALL).empty
    assert skill.board(home, ALL, by=["season"], made="live").empty
    assert skill.board(home, ALL, level="station", by=["place"]).empty
    assert skill.reliability(home, ALL).empty
    with pytest.raises(ScopeError):
        skill.board(home, Scope.seeing("air"))


def test_the_commands_score_and_tell(tmp_path, monkeypatch):
    home = verified.verified_home(tmp_path / "home")
    monkeypatch.setattr(verify_cli, "open_home", lambda: home)
    app = typer.Typer()
    verify_cli.register(app)
    early = CliRunner().invoke(app, ["skill"])
    assert isinstance(early.exception, InputError)
    assert "2019-08" in CliRunner().invoke(app, ["verify"]).stderr
    told = CliRunner().invoke(app, ["skill", "--level", "city", "--place", "成都", "--csv", "-"])
    assert "1 issues, 0 of them made afterwards" in told.stderr
    split = CliRunner().invoke(app, ["skill", "--by", "season"])
    assert split.stdout.split()[:2] == ["season", "model"]
    assert "summer" in split.stdout
    table = pd.read_csv(io.StringIO(told.stdout)).set_index(["model", "lead"])
    assert table.loc[("ensemble", 2), "mae"] == 37
