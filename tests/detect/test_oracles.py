"""Every detector against an oracle that was written apart (oracles.py): the same events on the sample day, on the three days and in random traffic."""

import pyarrow as pa
import pytest

from pipeline.sea import Sea
from tests.detect import wanderers
from tests.detect.agreement import found, wanted
from tests.detect.motions import in_one

RULES = ("ais_gap", "feed_outage", "coast_crossing", "beacon", "vanish", "stop", "steaming")


def check(motion: pa.Table, sea: Sea) -> dict[str, int]:
    """Compare rule by rule; returns how many events each has."""
    product, oracle = found(in_one(motion, sea)), wanted(motion, sea)
    assert tuple(product) == tuple(oracle) == RULES
    for rule in RULES:
        assert sorted(product[rule], key=str) == sorted(oracle[rule], key=str), rule
    return {rule: len(events) for rule, events in product.items()}


def test_on_made_days(motion: pa.Table, sea: Sea) -> None:
    counts = check(motion, sea)
    assert min(count for rule, count in counts.items() if rule != "feed_outage") > 0


def test_on_random_traffic(sea: Sea) -> None:
    totals = dict.fromkeys(RULES, 0)
    for seed in (1, 2, 3, 9, 16, 18):
        for rule, count in check(wanderers.motion(seed), sea).items():
            totals[rule] += count
    assert min(totals.values()) >= 5


@pytest.mark.soak
def test_on_much_random_traffic(sea: Sea) -> None:
    for seed in range(100, 300):
        check(wanderers.motion(seed), sea)
