"""Days of a theatre, as written: what ingest makes of them, the truth about them, and labelled behaviours in real traffic."""

import csv
import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import run
from pipeline.config import Home
from pipeline.errors import SettingsError, SourceError
from pipeline.simulate import simulate
from pipeline.simulate.providers import NOAA_HEADER
from pipeline.simulate.waters import Waters

VESSELS, DAYS, SEED = 40, 2, 1
AIS = Path("inbox/noaa_marinecadastre")
RADARS = Path("inbox/coastal_radar")
FIRST, SECOND = "AIS_2026_05_14.csv", "AIS_2026_05_15.csv"

Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def truth_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "truth.json").read_text(encoding="utf-8")))


def of_fleet(path: Path) -> list[str]:
    """The lines of the background, whose numbers begin with 9."""
    return [line for line in path.read_text(encoding="utf-8").splitlines()[1:] if line[3] == "9" and line[:3] < "970"]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """Two days of the Aegean."""
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder, theatre="aegean", seed=SEED, days=DAYS, vessels=VESSELS, cache=cache)
    return folder


@pytest.fixture(scope="module")
def one_day(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """The first of them alone."""
    folder = tmp_path_factory.mktemp("one_day")
    simulate(folder, theatre="aegean", seed=SEED, days=1, vessels=VESSELS, cache=cache)
    return folder


def test_the_same_seed_gives_the_same_bytes(one_day: Path, tmp_path: Path, cache: Path) -> None:
    simulate(tmp_path, theatre="aegean", seed=SEED, days=1, vessels=VESSELS, cache=cache)
    assert tree(tmp_path) == tree(one_day)


def test_a_day_does_not_depend_on_those_that_follow(simulated: Path, one_day: Path) -> None:
    lines = of_fleet(one_day / AIS / FIRST)
    assert len(lines) > 10_000
    assert lines == of_fleet(simulated / AIS / FIRST)


def test_every_provider_has_its_files(simulated: Path) -> None:
    assert {FIRST, SECOND} <= {path.name for path in (simulated / AIS).iterdir()}
    assert {path.name[-12:-4] for path in (simulated / RADARS).glob("*.csv")} == {"20260514", "20260515"}
    assert len(list((simulated / "inbox" / "gfw_sar").glob("*.csv"))) == DAYS
    assert list((simulated / "inbox" / "iom_missing_migrants").glob("*.csv"))


def test_ingest_accounts_for_every_line_and_rejects_what_was_planted(simulated: Path, home: Home) -> None:
    books: Counter[str] = Counter()
    for path in sorted((simulated / "inbox").glob("*/*.csv")):
        taken = run.ingest(path.parent.name, path, home.root)
        assert taken["state"] == "accepted", path.name
        assert taken["lines_in"] == taken["accepted"] + taken["rejected"] + taken["duplicates"] + taken["blank"]
        assert taken["lines_in"] == len(path.read_bytes().splitlines()) - 1
        if path.parent.name == "noaa_marinecadastre":
            books.update({name: taken[name] for name in ("accepted", "rejected", "duplicates")})
        elif path.parent.name == "coastal_radar":
            assert taken["rejected"] == taken["duplicates"] == 0
    planted = truth_of(simulated)["planted"]
    assert planted["no_position"] > 5
    assert planted["repeat"] > 5
    assert books["rejected"] == planted["no_position"]
    assert books["duplicates"] == planted["repeat"]
    assert {counted["reason"] for counted in run.rejects(1, home.root)["counts"]} == {"no_position"}


def test_faults_are_in_the_lines_of_the_fleet_only(simulated: Path) -> None:
    planted = truth_of(simulated)["planted"]
    lines = [line.split(",") for path in (simulated / AIS).glob("*.csv") for line in of_fleet(path)]
    repeats = sum(count - 1 for count in Counter(map(tuple, lines)).values())
    assert repeats == planted["repeat"]
    assert sum(cells[4] == "102.3" for cells in {tuple(cells) for cells in lines}) == planted["sog_kn"]
    assert sum(cells[2:4] == ["91", "181"] for cells in lines) >= planted["no_position"]
    labelled = [row for path in (simulated / AIS).glob("*.csv") for row in rows(path) if row["MMSI"][3] == "8"]
    assert len(labelled) > 1000
    assert all(row["LAT"] != "91" and row["SOG"] != "102.3" for row in labelled)


def test_reports_arrive_out_of_order_and_few_of_them_much(simulated: Path) -> None:
    at = np.array([line.split(",")[1] for line in of_fleet(simulated / AIS / FIRST)], dtype="datetime64[s]")
    back_s = -np.diff(at).astype(np.int64)
    assert 0.001 < np.mean(back_s > 0) < 0.3
    assert back_s.max() < 600


def test_no_report_of_the_fleet_is_on_land(simulated: Path, aegean: Waters) -> None:
    lines = [line.split(",") for path in (simulated / AIS).glob("*.csv") for line in of_fleet(path)]
    lat, lon = np.array([cells[2:4] for cells in lines if cells[2] != "91"], dtype=np.float64).T
    assert (aegean.ways.shore.nearness(lon, lat) > 0).all()


def test_the_truth_says_what_it_is_about(simulated: Path) -> None:
    truth = truth_of(simulated)
    assert (truth["format"], truth["theatre"], truth["seed"]) == ("pharos-truth/1", "aegean", SEED)
    assert (truth["first_day"], truth["days"], truth["vessels"]) == ("2026-05-14", DAYS, VESSELS)
    labels = [behaviour["label"] for behaviour in truth["behaviours"]]
    assert len(set(labels)) == len(labels) > 30
    assert {behaviour["positive"] for behaviour in truth["behaviours"]} == {True, False}


def test_the_subjects_of_the_truth_are_in_the_files(simulated: Path) -> None:
    heard = {row["MMSI"] for path in (simulated / AIS).glob("*.csv") for row in rows(path)}
    first_seen: dict[str, str] = {}
    for path in sorted((simulated / RADARS).glob("*.csv"), key=lambda path: path.name[-12:]):
        for row in rows(path):
            day = row["time_utc"][:10].replace("-", "")
            first_seen.setdefault(
                f"radar:{row['sensor_id']}:{row['track_no']}", f"radar:{row['sensor_id']}:{row['track_no']}:{day}"
            )
    prefixes = set(first_seen.values())
    named = 0
    for behaviour in truth_of(simulated)["behaviours"]:
        for subject in behaviour["subjects"]:
            assert subject["mmsi"] is None or subject["mmsi"] in heard
            assert prefixes.issuperset(subject["track_prefixes"]), behaviour["label"]
            named += len(subject["track_prefixes"])
    assert named > 20


def test_the_silences_are_those_of_the_files(simulated: Path) -> None:
    times: dict[str, list[datetime]] = {}
    for path in (simulated / AIS).glob("*.csv"):
        for row in rows(path):
            if row["LAT"] != "91":
                times.setdefault(row["MMSI"], []).append(datetime.fromisoformat(f"{row['BaseDateTime']}+00:00"))
    silences = truth_of(simulated)["silences"]
    assert len(silences) > 10
    for silence in silences:
        start, end = (datetime.fromisoformat(silence[name]) for name in ("started_at", "ended_at"))
        assert (end - start).total_seconds() > 1800
        # a report that lost its position is none
        assert not [at for at in times[silence["mmsi"]] if start < at < end]
        assert start in times[silence["mmsi"]]


def test_the_network_is_down_once_and_that_makes_no_silences(simulated: Path) -> None:
    truth = truth_of(simulated)
    (outage,) = [one for one in truth["behaviours"] if one["behaviour"] == "feed_outage"]
    (event,) = outage["events"]
    start, end = event["started_at"].rstrip("Z"), event["ended_at"].rstrip("Z")
    lasts_s = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    assert 1200 <= lasts_s <= 2400
    times = sorted(row["BaseDateTime"] for path in (simulated / AIS).glob("*.csv") for row in rows(path))
    skew = 120  # of a station's clock
    inside = [
        at
        for at in times
        if start < at < end
        and datetime.fromisoformat(at) - datetime.fromisoformat(start) > timedelta(seconds=skew)
        and datetime.fromisoformat(end) - datetime.fromisoformat(at) > timedelta(seconds=skew)
    ]
    assert inside == []
    assert any(at < start for at in times)
    assert any(at > end for at in times)
    gap_s = 1800
    for silence in truth["silences"]:
        first, last = (datetime.fromisoformat(silence[name].rstrip("Z")) for name in ("started_at", "ended_at"))
        shared = min(last, datetime.fromisoformat(end)) - max(first, datetime.fromisoformat(start))
        assert (last - first).total_seconds() - max(0.0, shared.total_seconds()) > gap_s


def test_an_unknown_theatre_and_a_negative_seed_are_refused(one_day: Path, tmp_path: Path, cache: Path) -> None:
    for into in ([], [one_day / AIS / FIRST]):
        with pytest.raises(SettingsError, match="say one of aegean, central_mediterranean, gulf_of_aden"):
            simulate(tmp_path, theatre="baltic", seed=1, days=1, vessels=1, cache=cache, into=into)
    with pytest.raises(SettingsError, match="the seed is -1: say 0 or more"):
        simulate(tmp_path, theatre="aegean", seed=-1, days=1, vessels=1, cache=cache)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", ["truth.json", "inbox/radar/a.csv", "inbox/gfw_sar/a.csv"])
def test_a_folder_that_holds_data_is_refused(there: str, tmp_path: Path, cache: Path) -> None:
    (tmp_path / there).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / there).touch()
    with pytest.raises(SettingsError, match="holds data already"):
        simulate(tmp_path, theatre="aegean", seed=1, days=1, vessels=1, cache=cache)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / there]


# into real traffic


def test_behaviours_are_laid_into_traffic_of_the_theatre(one_day: Path, tmp_path: Path, cache: Path) -> None:
    real = tmp_path / "real.csv"  # stands for real traffic: the fleet alone
    fleet = of_fleet(one_day / AIS / FIRST)
    real.write_text("\n".join([NOAA_HEADER, *fleet]) + "\n", encoding="utf-8")
    simulate(tmp_path / "out", theatre="aegean", seed=5, days=9, vessels=9, cache=cache, into=[real])
    written = (tmp_path / "out" / AIS / FIRST).read_text(encoding="utf-8").splitlines()
    assert written[0] == NOAA_HEADER
    assert Counter(line for line in written[1:] if line[3] == "9" and line[:3] < "970") == Counter(fleet)
    laid = [line for line in written[1:] if line[3] == "8"]
    assert len(laid) > 1000
    times = [line.split(",")[1] for line in written[1:]]
    assert times == sorted(times)
    truth = truth_of(tmp_path / "out")
    assert (truth["theatre"], truth["first_day"], truth["vessels"], truth["silences"]) == (
        "aegean",
        "2026-05-14",
        None,
        [],
    )
    assert list((tmp_path / "out" / RADARS).glob("*.csv"))


def test_elsewhere_they_are_laid_into_the_box_of_the_data(shared: Path, tmp_path: Path, cache: Path) -> None:
    real = shared / "ais" / "noaa_marinecadastre" / "test_data_noaa_20230101.csv"
    simulate(tmp_path, theatre="aegean", seed=1, days=1, vessels=1, cache=cache, into=[real])
    written = (tmp_path / AIS / "AIS_2023_01_11.csv").read_bytes().splitlines()
    kept = real.read_bytes().splitlines()
    assert not Counter(kept) - Counter(written)
    truth = truth_of(tmp_path)
    assert truth["theatre"] is None
    assert truth["behaviours"]
    assert all(not subject["track_prefixes"] for one in truth["behaviours"] for subject in one["subjects"])
    assert not (tmp_path / RADARS).exists()


def test_a_file_of_another_kind_is_refused(shared: Path, tmp_path: Path, cache: Path) -> None:
    other = shared / "ais" / "noaa_marinecadastre" / "marinecadastre_2025_sample.csv"
    with pytest.raises(SourceError, match="not a MarineCadastre file of the dialect up to 2024"):
        simulate(tmp_path, theatre="aegean", seed=1, days=1, vessels=1, cache=cache, into=[other])


def test_a_missing_file_and_one_without_positions_are_refused(tmp_path: Path, cache: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text(f"{NOAA_HEADER}\n", encoding="utf-8")
    for file, says in ((tmp_path / "none.csv", "none.csv: there is no such file"), (empty, "empty.csv: no positions")):
        with pytest.raises(SourceError, match=says):
            simulate(tmp_path / "out", theatre="aegean", seed=1, days=1, vessels=1, cache=cache, into=[file])
