"""
Synthetic data with a truth to hold detectors to: days of a theatre, a sample day of the Aegean, scenario folders, and much
traffic for measuring speed.

    simulate(folder, theatre=…, seed=…, days=…, vessels=…, cache=…, into=…)   a fleet and labelled behaviours, or these in real traffic
    sample_day(folder, seed)               one day in the providers' own formats, with truth.json
    scenarios(folder)                      one small folder a story
    traffic(folder, seed, vessels, day)    random walkers, 1440 reports each
    nmea_log(folder, seed, messages, day)  the same as AIS messages

All of it is invented; the coast is real, and no craft touches it.
"""

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.simulate.bulk import nmea_log, traffic
from pipeline.simulate.day import sample_day
from pipeline.simulate.injection import inject
from pipeline.simulate.stories import scenarios
from pipeline.simulate.theatre_days import simulate_theatre

__all__ = ["nmea_log", "sample_day", "scenarios", "simulate", "traffic"]


def simulate(
    folder: Path, *, theatre: str, seed: int, days: int, vessels: int, cache: Path, into: Sequence[Path] = ()
) -> None:
    """
    Write days of a theatre with a fleet of so many vessels and labelled behaviours; with `into`, real files of AIS with the behaviours in
    them, and no fleet (`days` and `vessels` are then theirs). The same arguments give the same bytes. SettingsError when the theatre is not known,
    the seed is negative, or the folder holds simulated or other files already.
    """
    if seed < 0:
        raise SettingsError(f"the seed is {seed}: say 0 or more")
    if (folder / "truth.json").exists() or any(path.is_file() for path in (folder / "inbox").rglob("*")):
        raise SettingsError(f"{folder} holds data already (truth.json or inbox/): simulate into an empty folder")
    if into:
        inject(folder, into, theatre_id=theatre, seed=seed, cache=cache)
    else:
        simulate_theatre(folder, theatre=theatre, seed=seed, days=days, vessels=vessels, cache=cache)
    for path in sorted(folder.glob("inbox/*/*.csv")):
        path.with_name(f"{path.name}.done").touch()  # complete: `pharos inbox` need not wait
