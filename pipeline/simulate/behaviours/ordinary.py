"""Ordinary traffic of the straits that a careless rule would raise an alert about (definitions.md 4: not suspicious)."""

from pipeline.simulate.behaviours.behaviour import Behaviour, innocent
from pipeline.simulate.sensors import Passage


def honest_ferry(label: str, story: str, passage: Passage) -> Behaviour:
    """A ferry between its two ports of call."""
    return innocent(label, "honest_ferry", "4", story, passage)


def merchant_transit(label: str, story: str, passage: Passage) -> Behaviour:
    """A merchant ship passes a strait, close to both coasts."""
    return innocent(label, "merchant_transit", "4", story, passage)


def patrol(label: str, story: str, passage: Passage) -> Behaviour:
    """A law-enforcement unit passes the line and goes home."""
    return innocent(label, "patrol", "4", story, passage)


def fisherman(label: str, story: str, passage: Passage) -> Behaviour:
    """A fishing boat at work, near the line or slow, by day or night."""
    return innocent(label, "fisherman", "4", story, passage)


def yacht(label: str, story: str, passage: Passage) -> Behaviour:
    """A yacht crosses by day from port to port."""
    return innocent(label, "yacht", "4", story, passage)


def day_boat(label: str, story: str, passage: Passage) -> Behaviour:
    """A small boat without AIS goes about its business by day, off its own shore."""
    return innocent(label, "day_boat", "7", story, passage)
