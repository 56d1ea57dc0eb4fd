"""The law of air against the national hourly archive of 2019 (127 sites of Sichuan and Chongqing)."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from shuzhi.standards.aqi import daily_aqi, hourly_aqi
from shuzhi.standards.rounding import round_half_even
from shuzhi.standards.statistics import (
    city_mean,
    composite_index,
    day_mean,
    o3_8h,
    o3_day_max,
    period_statistics,
)

pytestmark = pytest.mark.archive

NAMES = {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3"}
OWN = {"o3_8h": "O3_8h", "pm10_24h": "PM10_24h", "pm25_24h": "PM2.5_24h"}
HOURS = 365 * 24
EVALUATION = ["1431A", "1432A", "1433A", "1434A", "1437A", "2880A", "3136A"]
CHENGDU = [*EVALUATION, "1438A"]  # 灵岩寺, the clean reference site, is in no city mean
CUT_OFF = ("2019-02-20 07:00", "2019-04-24 23:00")  # in these hours the files break off after the first rows


@pytest.fixture(scope="module")
def archive(archive_2019):
    """Arrays (hours since 2019-01-01 00:00, sites) of each type."""
    table = pd.concat([pd.read_csv(path) for path in sorted(archive_2019.glob("china_sites_*.csv*"))])
    sites = [name for name in table if name not in ("date", "hour", "type")]
    day = pd.to_datetime(table["date"].astype(str), format="%Y%m%d")
    slot = ((day - pd.Timestamp("2019-01-01")).dt.days * 24 + table["hour"]).to_numpy()
    arrays = {}
    for name in ["AQI", *NAMES.values(), *OWN.values()]:
        rows = (table["type"] == name).to_numpy()
        arrays[name] = np.full((HOURS + 1, len(sites)), np.nan)
        arrays[name][slot[rows]] = table.loc[rows, sites]
    return SimpleNamespace(sites=np.array(sites), arrays=arrays)


def days_of(archive, name, sites=None) -> np.ndarray:
    """(sites, 365, 24): day D is the stamps D 01:00 … D+1 00:00."""
    chosen = slice(None) if sites is None else [archive.sites.tolist().index(site) for site in sites]
    return archive.arrays[name][1:, chosen].T.reshape(-1, 365, 24)


@pytest.fixture(scope="module")
def published(archive):
    """One row a site-hour with a published AQI, without the two cut-off hours."""
    times = pd.Timestamp("2019-01-01", tz="Asia/Shanghai") + pd.to_timedelta(np.arange(HOURS + 1), "h")
    whole = ~times.isin([pd.Timestamp(text, tz="Asia/Shanghai") for text in CUT_OFF])
    hour, site = np.nonzero(~np.isnan(archive.arrays["AQI"]) & whole[:, None])
    columns = {"own": "AQI"} | NAMES | OWN
    table = pd.DataFrame({column: archive.arrays[name][hour, site] for column, name in columns.items()})
    return table.assign(time=times.tz_convert("UTC")[hour])


def test_hourly_aqi_is_the_published_one_for_every_site_hour(published):
    """848 852 of 848 852 are the site-hours with the six 1 h means and the archive's own O3 8 h and PM 24 h values.

    It holds as well without asking for the latter three (849 427), and for all 896 490 where items are missing too:
    the AQI of the others was published.
    """
    result = hourly_aqi(published)
    same = result["aqi"] == published["own"]
    six = published[list(NAMES)].notna().all(axis=1)
    nine = six & published[list(OWN)].notna().all(axis=1)
    assert (result["edition"] == "2012").all()
    assert (same[nine].sum(), nine.sum()) == (848_852, 848_852)
    assert (same[six].sum(), six.sum()) == (849_427, 849_427)
    assert (same.sum(), len(same)) == (896_490, 896_490)


def test_the_literal_text_is_not_what_was_published(published):
    six = published[[*NAMES, *OWN]].notna().all(axis=1)
    table = published[six]
    same = hourly_aqi(table, method="text")["aqi"] == table["own"]
    assert round(same.mean() * 100, 1) == 5.7


def sums_of_24(hours: np.ndarray) -> np.ndarray:
    running = np.vstack([np.zeros((1, hours.shape[1])), np.cumsum(hours, axis=0)])
    return running[24:] - running[:-24]


@pytest.mark.parametrize("name", ["PM2.5", "PM10"])
def test_sliding_24_h_means_are_the_archives_own_where_no_hour_is_missing(archive, name):
    """100 % for Chengdu; over all sites 99.99 %, the rest in hours whose own values miss what came late.

    With gaps the archive's own columns follow no rule that can be seen: values from a single hour exist.
    """
    readings, own = archive.arrays[name], archive.arrays[f"{name}_24h"][23:]
    known = ~np.isnan(readings)
    total, n = sums_of_24(np.where(known, readings, 0)), sums_of_24(known)
    same = round_half_even(total / np.maximum(n, 1)) == own
    full, gap = ((n == 24) & ~np.isnan(own), (n > 0) & (n < 24) & ~np.isnan(own))
    chengdu = np.isin(archive.sites, CHENGDU)
    print(
        f"{name}_24h equal without a gap: Chengdu {same[full & chengdu].mean():.4%} of {(full & chengdu).sum()}, "
        f"all sites {same[full].mean():.4%} of {full.sum()}; with a gap {same[gap].mean():.1%} of {gap.sum()}"
    )
    assert (full & chengdu).sum() > 40_000
    assert same[full & chengdu].all()
    assert same[full].mean() >= 0.9999


def test_sliding_8_h_ozone_is_the_archives_own_where_no_hour_is_missing(archive):
    """≥ 99.99 % at 08:00–24:00, for Chengdu and over all sites; the archive cuts its own column at 300."""
    hours, own = days_of(archive, "O3"), days_of(archive, "O3_8h")[..., 7:]
    n = np.lib.stride_tricks.sliding_window_view(~np.isnan(hours), 8, axis=-1).sum(axis=-1)
    same = np.minimum(round_half_even(o3_8h(hours, at_least=1)), 300) == own
    full, gap = ((n == 8) & ~np.isnan(own), (n > 0) & (n < 8) & ~np.isnan(own))
    chengdu = np.isin(archive.sites, CHENGDU)
    print(
        f"O3_8h equal without a gap: Chengdu {same[chengdu][full[chengdu]].mean():.4%}, "
        f"all sites {same[full].mean():.4%} of {full.sum()}; with a gap {same[gap].mean():.1%} of {gap.sum()}"
    )
    assert same[chengdu][full[chengdu]].mean() >= 0.9999
    assert same[full].mean() >= 0.9999


def city_days(archive, share: float, sites=EVALUATION) -> pd.DataFrame:
    """City values of each day of 2019."""
    found = {"day": pd.date_range("2019-01-01", "2019-12-31")}
    for item in ("pm25", "pm10", "so2", "no2", "co"):
        mean, _ = day_mean(days_of(archive, NAMES[item], sites))
        found[item], _ = city_mean(mean.T, share=share, decimals=1 if item == "co" else 0)
    ozone, _, _ = o3_day_max(o3_8h(days_of(archive, "O3", sites)))
    found["o3_8h"], _ = city_mean(ozone.T, share=share)
    return pd.DataFrame(found)


def good_and_valid(daily: pd.DataFrame) -> tuple[list[int], list[int]]:
    """By month: days with AQI ≤ 100 and days with an AQI."""
    found = period_statistics(daily.assign(aqi=daily_aqi(daily)["aqi"]), by=daily["day"].dt.month)
    return found["good_days"].tolist(), found["aqi_days"].tolist()


def test_good_days_of_chengdu_in_2019(archive):
    """182 good of 236 valid days in January–August and 274 of 350 in the year.

    186 of 243 was published. The archive lacks days (8 April, most of 22–25 August, and others of which too few hours
    are left): 7 of the 243, which the published count splits into 4 good and 3 bad. 17 of the days lie at AQI 97–104,
    so that a change of 1 µg/m³ moves the count: this number belongs to this archive and these rules.

    A day counts here as soon as one of the seven evaluation sites is valid and one item has a value (the AQI of the
    others, as 2012 was published). With 灵岩寺, the clean reference site, more than 186 days would be good already.
    """
    daily = city_days(archive, share=0)
    good, valid = good_and_valid(daily)
    assert good == [16, 22, 30, 23, 28, 21, 27, 15, 23, 28, 25, 16]
    assert valid == [31, 27, 31, 29, 31, 30, 31, 26, 25, 28, 30, 31]
    assert (sum(good[:8]), sum(valid[:8])) == (182, 236)
    assert (sum(good), sum(valid)) == (274, 350)
    with_reference_site, _ = good_and_valid(city_days(archive, 0, CHENGDU))
    assert sum(with_reference_site[:8]) > 186


def test_levels_primary_pollutants_and_statistics_of_chengdu_in_2019(archive):
    daily = city_days(archive, share=0)
    result = daily_aqi(daily)
    assert result["level"].value_counts().sort_index().to_dict() == {0: 15, 1: 75, 2: 199, 3: 61, 4: 15}
    primary = result.loc[result["aqi"] > 100, "primary"]
    assert (primary.str.contains("PM2.5").sum(), primary.str.contains("O3").sum()) == (44, 32)
    found = period_statistics(daily)
    reported = {"pm25": 42.8, "pm10": 68.1, "so2": 6.5, "no2": 41.8, "co": 1.2}
    assert {name: round(found.at[0, name], 1) for name in reported} == reported
    assert period_statistics(daily, rounded=True).at[0, "o3_8h"] == 157
    assert composite_index(found, "2019-12-31").at[0, "main"] == "PM2.5"


@pytest.mark.parametrize(("share", "expected"), [(0.5, (182, 236)), (0.75, (179, 228))])
def test_what_the_share_of_sites_changes(archive, share, expected):
    """The share that HJ 663 asks for is uncertain (a setting). Half of the seven sites leaves January–August alone."""
    good, valid = good_and_valid(city_days(archive, share))
    assert (sum(good[:8]), sum(valid[:8])) == expected
