"""The sun against an independent implementation (astral, after the NOAA calculator)."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from astral import Observer
from astral.sun import elevation

from pipeline import sun


def test_elevation_agrees_with_astral():
    rng = np.random.default_rng(3)
    start = datetime(2015, 1, 1, tzinfo=UTC)
    for lon, lat, days in zip(
        rng.uniform(-180, 180, 400), rng.uniform(-70, 70, 400), rng.uniform(0, 7000, 400), strict=True
    ):
        at = start + timedelta(days=float(days))
        expected = elevation(Observer(latitude=lat, longitude=lon), at, with_refraction=False)
        assert float(sun.elevation_deg(lon, lat, at.timestamp())) == pytest.approx(expected, abs=0.03)


def dusk_s(lon: float, lat: float, low_s: float, high_s: float) -> float:
    """The instant at which the sun goes through -6 degrees, by bisection."""
    for _ in range(60):
        middle = (low_s + high_s) / 2
        low_s, high_s = (low_s, middle) if sun.is_night(lon, lat, middle) else (middle, high_s)
    return low_s


NOON_S = datetime(2023, 6, 14, 12, tzinfo=UTC).timestamp()
MIDNIGHT_S = datetime(2023, 6, 14, 22, 10, tzinfo=UTC).timestamp()


def test_night_begins_below_minus_six_degrees():
    dusk = dusk_s(26.3, 39.4, NOON_S, MIDNIGHT_S)
    assert not sun.is_night(26.3, 39.4, dusk - 5)
    assert sun.is_night(26.3, 39.4, dusk + 5)
    assert float(sun.elevation_deg(26.3, 39.4, dusk)) == pytest.approx(sun.NIGHT_ELEVATION_DEG, abs=1e-3)


def test_dark_fraction_counts_from_dusk():
    dusk = dusk_s(26.3, 39.4, NOON_S, MIDNIGHT_S)
    start, end = dusk - 3600, dusk + 1800
    assert float(sun.dark_fraction(26.3, 39.4, start, 26.3, 39.4, end)) == pytest.approx(1 / 3, abs=2 / 5400)
    assert float(sun.dark_fraction(26.3, 39.4, dusk - 3600, 26.3, 39.4, dusk - 60)) == 0.0
    assert float(sun.dark_fraction(26.3, 39.4, dusk + 60, 26.3, 39.4, dusk + 3600)) == 1.0


def test_dark_fraction_of_moving_and_long_passages_matches_a_fine_sampling():
    rng = np.random.default_rng(4)
    n = 50
    lon1, lon2 = rng.uniform(10, 60, (2, n))
    lat1, lat2 = rng.uniform(-10, 42, (2, n))
    start = NOON_S + rng.uniform(0, 3e7, n)
    end = start + rng.uniform(60, 72 * 3600, n)
    share = (np.arange(20_000) + 0.5) / 20_000
    for i, got in enumerate(sun.dark_fraction(lon1, lat1, start, lon2, lat2, end)):
        lon, lat = (a[i] + share * (b[i] - a[i]) for a, b in ((lon1, lon2), (lat1, lat2)))
        assert got == pytest.approx(sun.is_night(lon, lat, start[i] + share * (end[i] - start[i])).mean(), abs=1e-3)


def test_dark_fraction_without_duration_and_without_passages():
    assert float(sun.dark_fraction(26.3, 39.4, NOON_S, 26.3, 39.4, NOON_S)) == 0.0
    assert float(sun.dark_fraction(26.3, 39.4, MIDNIGHT_S, 26.3, 39.4, MIDNIGHT_S)) == 1.0
    assert sun.dark_fraction([], [], [], [], [], []).shape == (0,)
