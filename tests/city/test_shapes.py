"""Shapes that an expert would accept, with tolerances; the aims are a large city in the basin in 2025 and 2026."""

import numpy as np
import pandas as pd
import pytest

from shuzhi.standards.statistics import period_statistics


@pytest.fixture(scope="module")
def years(city):
    return period_statistics(city.days, by=city.days.index.year)


def _mean_day(city, values, months):
    """Mean by hour of day over the evaluation sites."""
    chosen = np.isin(city.times.month, months)
    course = pd.Series(np.nanmean(values[chosen][:, city.judged], axis=1))
    return course.groupby(city.times.hour[chosen]).mean()


@pytest.mark.parametrize(
    ("item", "low", "high"),
    [
        ("pm25", 31, 36),
        ("pm10", 48, 57),
        ("so2", 3.8, 5.2),
        ("no2", 26, 31),
        ("co", 0.9, 1.2),
        ("o3_8h", 158, 174),
    ],
)
def test_annual_values(years, item, low, high):
    assert years[item].between(low, high).all(), years[item]


def test_good_days(city):
    for edition, low, high in (("2012", 284, 314), ("2026", 260, 298)):
        good = (city.days[f"aqi_{edition}"] <= 100).groupby(city.days.index.year).mean() * 365
        assert good.between(low, high).all(), (edition, good)


def test_this_year_is_slightly_better(years):
    assert 0.86 < years["pm25"].loc[2026] / years["pm25"].loc[2025] < 0.99
    assert 0.86 < years["pm10"].loc[2026] / years["pm10"].loc[2025] < 0.99
    assert abs(years["o3_8h"].loc[2026] - years["o3_8h"].loc[2025]) < 10


def test_nearly_every_day_is_valid(city):
    assert city.days["aqi_2012"].notna().mean() > 0.995


def test_pm10_is_above_pm25(city):
    pm10, pm25 = city.readings["pm10"], city.readings["pm25"]
    assert (pm10 > pm25)[np.isfinite(pm10) & np.isfinite(pm25)].all()


def test_values_are_as_published(city):
    for item, values in city.readings.items():
        known = values[np.isfinite(values)] * (10 if item == "co" else 1)
        assert np.abs(known - np.rint(known)).max() < 1e-9
        assert known.min() >= 1


def test_particles_peak_in_winter_and_ozone_in_summer(city):
    by_month = city.days.groupby(city.days.index.month).mean()
    assert by_month["pm25"].loc[[12, 1]].mean() > 2.3 * by_month["pm25"].loc[[6, 7, 8]].mean()
    assert by_month["o3_8h"].loc[[6, 7, 8]].mean() > 2.5 * by_month["o3_8h"].loc[[12, 1]].mean()


def test_ozone_peaks_in_the_afternoon(city):
    course = _mean_day(city, city.readings["o3"], [6, 7, 8])
    assert course.idxmax() in (15, 16, 17)
    assert 120 < course.max() < 180
    assert 15 < course.loc[[2, 3, 4, 5]].mean() < 50


def test_no2_has_two_rush_peaks(city):
    course = _mean_day(city, city.readings["no2"], range(1, 13))
    assert course.loc[9:10].mean() > 1.15 * course.loc[5:6].mean()
    assert course.loc[20:22].mean() > 1.3 * course.loc[15:16].mean()


def test_no2_eats_ozone_at_night(city):
    night = np.isin(city.times.hour, [1, 2, 3]) & np.isin(city.times.month, [5, 6, 7, 8])
    anomaly = [city.readings[item][night] - np.nanmean(city.readings[item][night]) for item in ("o3", "no2")]
    by_station = [np.nanmean(values, axis=0) for values in anomaly]
    assert np.corrcoef(by_station)[0, 1] < -0.5


def test_ozone_follows_sun_and_warmth(city):
    daily = city.weather.resample("D").agg({"radiation": "mean", "temperature": "max"}).iloc[:-1]
    summer = city.days.index.month.isin([5, 6, 7, 8, 9])
    assert np.corrcoef(daily["radiation"][summer], city.days["o3_8h"][summer])[0, 1] > 0.65
    assert np.corrcoef(daily["temperature"][summer], city.days["o3_8h"][summer])[0, 1] > 0.5


def test_particles_follow_ventilation_and_rain(city):
    daily = city.weather.resample("D").mean().iloc[:-1]
    ventilation = np.log(daily["wind_speed"] * daily["mixing_height"]).rolling(2).mean()
    pm25 = np.log(city.days["pm25"])
    winter = city.days.index.month.isin([11, 12, 1, 2]) & ventilation.notna()
    assert np.corrcoef(ventilation[winter], pm25[winter])[0, 1] < -0.3
    after_rain = daily["precipitation"].shift(fill_value=0) > 0.15
    season = pm25 - pm25.groupby(city.days.index.month).transform("mean")
    assert season[after_rain].mean() < season[~after_rain].mean() - 0.2


def test_neighbours_agree_and_agreement_fades_with_distance(city):
    from shuzhi.city.stations import distances

    winter = np.isin(city.times.month, [11, 12, 1, 2])
    values = np.log(city.readings["pm25"][winter])
    ours = ~city.sites.micro
    agreement = pd.DataFrame(values[:, ours]).corr().to_numpy()
    apart = distances(city.register[ours])
    near, far = agreement[(apart > 0) & (apart < 8)], agreement[apart > 60]
    assert near.mean() > 0.88
    assert far.mean() < near.mean() - 0.015
    assert (agreement > 0.7).all()


def test_episodes_last_for_days(city):
    """Now and then some days in a row are bad, in winter by particles, in summer by ozone."""
    for item, limit, months in (("pm25", 75, [11, 12, 1, 2, 3]), ("o3_8h", 160, [4, 5, 6, 7, 8, 9])):
        bad = (city.days[item] > limit) & city.days.index.month.isin(months)
        runs = bad.groupby((bad != bad.shift()).cumsum()).sum()
        assert bad.sum() > 0.9 * (city.days[item] > limit).sum()
        assert 4 <= (runs >= 3).sum() <= 26
        assert runs.max() <= 16


def test_gaps_are_few_and_some_are_long(city):
    missing = np.mean([np.isnan(values).mean() for values in city.readings.values()])
    assert 0.01 < missing < 0.025
    silent = np.all([np.isnan(values) for values in city.readings.values()], axis=0)
    longest = max(pd.Series(column).groupby((~pd.Series(column)).cumsum()).sum().max() for column in silent.T[::5])
    assert longest > 24


def test_micro_stations_are_noisier(city):
    steps = np.nanstd(np.diff(np.log(city.readings["pm25"]), axis=0), axis=0)
    assert steps[city.sites.micro].mean() > 1.2 * steps[~city.sites.micro].mean()


def test_the_background_site_is_clean(city):
    for item in ("pm25", "no2"):
        mean = np.nanmean(city.readings[item], axis=0)
        assert mean[city.sites.background][0] < 0.8 * mean[city.judged].mean()


def test_weather_of_the_basin(city):
    weather = city.weather
    assert 1.0 < weather["wind_speed"].mean() < 1.4
    winter = weather[weather.index.month.isin([11, 12, 1, 2])]
    assert winter["wind_speed"].mean() < weather["wind_speed"].mean()
    assert 15.5 < weather["temperature"].mean() < 18.5
    assert weather["temperature"].between(-8, 44).all()
    assert weather["humidity"].between(20, 100).all()
    assert 65 < weather["humidity"].mean() < 85
    assert weather["pressure"].between(920, 990).all()
    yearly = weather["precipitation"].groupby(weather.index.year).sum()
    assert yearly.between(600, 1600).all()
    assert weather["radiation"][weather.index.hour.isin([23, 0, 1, 2, 3])].max() == 0
    assert weather["mixing_height"].between(100, 2500).all()
