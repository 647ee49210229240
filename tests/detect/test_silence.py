"""When silence is too long, whether the feed could have heard, and what an outage explains: at, just below and just above each number."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.detect import silence
from pipeline.detect.contract import Outage, Scene
from pipeline.sea import Sea
from tests.detect.motions import AIS, RADAR, ais, at, fixes, radar, scene, together, voyage

NOON = at("2026-05-20", "12:00")
HERE = (26.62, 39.19)
BALTIC = (19.0, 55.0)


def heard_every(
    interval_s: float, count: int, then_s: float, where: tuple[float, float] = HERE
) -> dict[str, np.ndarray]:
    """So many fixes at an interval, the last of them at noon, and one more after a silence."""
    times = [NOON - interval_s * k for k in range(count - 1, -1, -1)]
    return fixes(*((t, *where, 0.1, np.nan) for t in (*times, NOON + then_s)))


def silences_of(sea: Sea, *tracks: dict[str, np.ndarray]) -> list[tuple[float, float]]:
    """(silence in s, allowed in s) of every silence that is too long."""
    here = scene(together(*(ais(f"23700000{k}", track) for k, track in enumerate(tracks))), sea)
    found = silence.find(here)
    ends = np.where(found.on >= 0, here.time[found.on], here.heard_until[found.off])
    return list(zip((ends - here.time[found.off]).tolist(), found.allowed_s.tolist(), strict=True))


def test_the_numbers_are_those_of_the_definitions() -> None:
    assert silence.SILENCE_S == {"aegean": 30 * 60, "central_mediterranean": 2 * 3600, "gulf_of_aden": 6 * 3600}
    assert (silence.INTERVALS, silence.COVERED_BY, silence.FEED_DOWN_SHARE) == (12, 3, 0.1)
    assert (silence.OUTAGE_WINDOW_S, silence.OUTAGE_SHARE, silence.OUTAGE_LEAST_VESSELS, silence.OUTAGE_PAUSES) == (
        900,
        0.5,
        10,
        3,
    )


@pytest.mark.parametrize(("then_s", "is_gap"), [(1799.0, False), (1800.0, False), (1800.001, True), (1801.0, True)])
def test_half_an_hour_is_allowed_in_the_aegean_and_not_more(sea: Sea, then_s: float, is_gap: bool) -> None:
    assert silences_of(sea, heard_every(60.0, 10, then_s)) == ([(pytest.approx(then_s), 1800.0)] if is_gap else [])


@pytest.mark.parametrize(
    ("interval_s", "then_s", "is_gap"),
    [
        (150.0, 1800.0, False),
        (150.0, 1801.0, True),
        (151.0, 1812.0, False),
        (151.0, 1813.0, True),
        (600.0, 7200.0, False),
        (600.0, 7201.0, True),
    ],
)
def test_a_slow_reporter_is_allowed_twelve_of_its_intervals(
    sea: Sea, interval_s: float, then_s: float, is_gap: bool
) -> None:
    assert len(silences_of(sea, heard_every(interval_s, 10, then_s))) == is_gap


@pytest.mark.parametrize(("n_fast", "allowed_s"), [(8, 1800.0), (7, 7200.0)])
def test_the_usual_interval_is_the_median_of_the_last_fifteen(sea: Sea, n_fast: int, allowed_s: float) -> None:
    steps = np.cumsum([600.0] * 20 + [60.0] * n_fast)
    track = fixes(*((NOON + t, *HERE, 0.1, np.nan) for t in (0.0, *steps, steps[-1] + 8000.0)))
    assert silences_of(sea, track) == [(8000.0, allowed_s)]


def test_a_single_fix_has_no_usual_interval(sea: Sea) -> None:
    assert silences_of(sea, heard_every(60.0, 1, 1801.0)) == [(1801.0, 1800.0)]


def test_outside_every_watch_zone_nothing_is_judged(sea: Sea) -> None:
    assert silences_of(sea, heard_every(60.0, 10, 90_000.0, BALTIC)) == []


@pytest.mark.parametrize(("until_s", "is_gap"), [(1800.0, False), (1801.0, True)])
def test_an_unended_silence_counts_up_to_what_its_own_feed_has_heard(sea: Sea, until_s: float, is_gap: bool) -> None:
    gone = fixes((NOON - 60, *HERE, 5, 0), (NOON, *HERE, 5, 0))
    other = fixes((NOON + until_s - 60, *BALTIC, 5, 0), (NOON + until_s, *BALTIC, 5, 0))
    late_radar = radar(1, fixes((NOON + 9000, *BALTIC, 5, 0)))
    here = scene(together(ais("237000001", gone), ais("237000002", other), late_radar), sea)
    assert len(silence.find(here).off) == is_gap
    assert [float(here.time[i]) for i in silence.pending(here)] == ([] if is_gap else [NOON])


@pytest.mark.parametrize(("quiet_s", "is_pending"), [(1799.0, False), (1800.0, True), (2400.0, True), (2401.0, False)])
def test_the_time_around_a_last_fix_is_noted_from_half_an_hour_on(sea: Sea, quiet_s: float, is_pending: bool) -> None:
    gone = voyage(NOON - 2000.0, HERE, (None, 2000.1), every_s=200.0)  # may be silent for 2400 s
    other = fixes((NOON + quiet_s, *BALTIC, 5, 0))
    here = scene(together(ais("237000001", gone), ais("237000002", other)), sea)
    assert len(silence.pending(here)) == is_pending


def neighbours(
    after: int, before: int, where: tuple[float, float] = (26.64, 39.2), *, after_s: float = 900.0
) -> list[dict[str, np.ndarray]]:
    """So many others heard once after noon, and so many once before."""
    return [
        *(fixes((NOON + after_s, *where, 5, 0)) for _ in range(after)),
        *(fixes((NOON - 900.0, *where, 5, 0)) for _ in range(before)),
    ]


def coverage_of(sea: Sea, others: list[dict[str, np.ndarray]], usual: float | None = None) -> tuple[str, int]:
    gone = ais("237999999", heard_every(60.0, 10, 7200.0))
    elsewhere = ais("237888888", fixes((NOON - 3000, *BALTIC, 5, 0), (NOON + 7200, *BALTIC, 5, 0)))
    tracks = [ais(f"23700000{k}", other) for k, other in enumerate(others)]
    here = scene(together(gone, elsewhere, *tracks), sea, usual=None if usual is None else {(AIS, 12): usual})
    row = next(int(i) for i in silence.find(here).off if here.row(int(i))["mmsi"] == "237999999")
    found = silence.coverage(here, row)
    return found["coverage"], found["n_neighbours"]


@pytest.mark.parametrize(
    ("after", "before", "word"),
    [
        (3, 0, "covered"),
        (2, 0, "unknown"),
        (2, 5, "unknown"),
        (0, 3, "down"),
        (0, 2, "unknown"),
        (1, 3, "unknown"),
        (0, 0, "unknown"),
    ],
)
def test_coverage_by_others_heard_in_the_cell_or_its_ring(sea: Sea, after: int, before: int, word: str) -> None:
    assert coverage_of(sea, neighbours(after, before)) == (word, after)


@pytest.mark.parametrize(("after_s", "n"), [(0.001, 0), (60.0, 0), (60.001, 3), (1800.0, 3), (1800.001, 0)])
def test_neighbours_count_from_when_the_next_fix_was_due_to_half_an_hour_after_the_last(
    sea: Sea, after_s: float, n: int
) -> None:
    assert coverage_of(sea, neighbours(3, 0, after_s=after_s))[1] == n


def test_neighbours_farther_than_the_ring_do_not_count(sea: Sea) -> None:
    assert coverage_of(sea, neighbours(5, 5, where=(26.2, 38.9))) == ("unknown", 0)


@pytest.mark.parametrize(
    ("usual", "after", "word"),
    [
        (40.0, 3, "down"),
        (30.0, 3, "covered"),
        (10.0, 0, "down"),
        (9.0, 0, "unknown"),
        (10.0, 1, "unknown"),
        (None, 0, "unknown"),
    ],
)
def test_a_feed_that_hears_less_than_a_tenth_of_what_is_usual_is_down(
    sea: Sea, usual: float | None, after: int, word: str
) -> None:
    assert coverage_of(sea, neighbours(after, 0), usual) == (word, after)


def with_outages(sea: Sea, then_s: float, *outages: Outage, is_open: bool = False) -> tuple[Scene, int, int]:
    """A scene with a silence from noon on and these outages; the rows before and after it."""
    track = heard_every(60.0, 10, then_s)
    if is_open:
        track = {name: values[:-1] for name, values in track.items()}
    others = (
        [
            ais("237000002", fixes((NOON + 7200, *HERE, 5, 0))),
            radar(1, track),
            radar(2, fixes((NOON + 7200, *HERE, 5, 0))),
        ]
        if is_open
        else []
    )
    here = replace(scene(together(ais("237000001", track), *others), sea), outages=outages)
    return here, 9, -1 if is_open else 10


def outage(from_s: float, until_s: float | None, known_s: float = 0.0, source_id: str = AIS) -> Outage:
    return Outage(
        source_id, "many_silent", NOON + from_s, NOON + known_s, None if until_s is None else NOON + until_s, 10, {}
    )


@pytest.mark.parametrize(
    ("outages", "is_explained"),
    [
        ([], False),
        ([outage(0, 1800)], True),  # 1800 s are left, as many as are allowed
        ([outage(0, 1799)], False),
        ([outage(-5000, 1800)], True),
        ([outage(600, 1200), outage(1200, 2400)], True),
        ([outage(0, 1200), outage(600, 1799)], False),  # the time that both cover counts once
        ([outage(0, 1200), outage(600, 1800)], True),
        ([outage(600, None)], True),
        ([outage(3600, 9000)], False),
        ([outage(-900, 0)], False),
        ([outage(0, 3000, source_id=RADAR)], False),
        ([outage(0, 3000, known_s=3600)], True),
        ([outage(0, 3000, known_s=3601)], False),
    ],
)
def test_an_outage_explains_a_silence_that_would_be_allowed_without_it(
    sea: Sea, outages: list[Outage], is_explained: bool
) -> None:
    here, off, on = with_outages(sea, 3600.0, *outages)
    assert silence.explained_by_outage(here, off, on, 1800.0) == is_explained


def test_a_radar_track_lost_in_an_outage_is_explained_for_good_for_it_comes_back_under_another_number(sea: Sea) -> None:
    here, off, on = with_outages(sea, 1000.0, outage(0, 2400), outage(0, 2400, source_id=RADAR), is_open=True)
    is_radar = here.is_radar & here.is_last & (here.time == NOON)
    assert not silence.explained_by_outage(here, off, on, 1800.0), "two hours of silence, forty minutes of outage"
    assert silence.explained_by_outage(here, int(np.flatnonzero(is_radar)[0]), -1, 1800.0)


def test_a_silence_that_ended_before_this_day_was_judged_then(sea: Sea) -> None:
    whole = scene(together(ais("237000001", heard_every(60.0, 10, 3600.0))), sea)
    for since_s, was_over in ((3599.0, False), (3600.0, True)):
        here = replace(whole, since_s={AIS: NOON + since_s})
        assert silence.was_over(here, 10) == was_over
        assert not silence.was_over(here, -1)
