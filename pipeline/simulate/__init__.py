"""
Synthetic data with a truth to hold detectors to: a sample day of the Aegean, scenario folders, and much traffic for
measuring speed.

    sample_day(folder, seed)               the day in the providers' own formats, with truth.json
    scenarios(folder)                      one small folder a story
    traffic(folder, seed, vessels, day)    random walkers, 1440 reports each

All of it is invented; the coast is real, and no craft touches it.
"""

from pipeline.simulate.bulk import traffic
from pipeline.simulate.day import sample_day
from pipeline.simulate.stories import scenarios

__all__ = ["sample_day", "scenarios", "traffic"]
