"""
Feed outage: a whole feed, or most of what it hears, goes quiet at once.

Definition  feed_silent: a pause of the whole feed longer (strict) than three of its usual pauses (its source file says what is usual).
            many_silent: more than half (strict) of its vessels that are not in port, at least ten of them, fall silent within the same
            15 minutes; it ends when half of those are heard again, at the latest after a day. A radar gives new numbers to what it
            lost: there half as many new tracks end it.
Reads       the outages of the scene, derived once in `pipeline.detect.silence`
Emits       events, event_type "feed_outage"; no track; one row per feed and period
Cannot see  an outage that lasts to the end of the data (nothing says yet that time has passed); one of a feed with fewer than ten vessels,
            or of vessels that report so rarely that their silence is known more than an hour later than is usual there
Ends        when the feed, or half of the vessels, are heard again
Source      definitions.md 0, after monitorfish issues 2718 and 4533; vessels in port at night are no outage
"""

from dataclasses import dataclass
from typing import Any

from pipeline.contracts import to_json
from pipeline.detect.contract import Detector, Found, Outage, Scene, event_id, stamp
from pipeline.tracks import instant


@dataclass(frozen=True)
class Params:
    """The thresholds stand in `pipeline.detect.silence`, since every rule that speaks of silence needs them."""

    confidence_feed_silent: float = 1.0  # own: the feed's own times say it
    confidence_many_silent: float = 0.8  # own: half of the vessels may have had a reason


def detect(scene: Scene, params: Params, carried: list[dict[str, Any]]) -> Found:
    """One event per outage; nothing is remembered here, the scene carries its outages."""
    return Found(events=[event(outage, params) for outage in scene.outages])


def event(outage: Outage, params: Params) -> dict[str, Any]:
    """The event of one outage."""
    ended = outage.ended_s
    evidence = {
        "rule": outage.rule,
        "last_heard_at": stamp(outage.started_s),
        "heard_again_at": None if ended is None else stamp(ended),
        "n_active": outage.n_active,
        "n_fell_silent": len(outage.silent),
    }
    return {
        "event_id": event_id("feed_outage", outage.source_id, outage.rule, stamp(outage.started_s)),
        "event_type": "feed_outage",
        "state": "open" if ended is None else "closed",
        "started_at": instant(outage.started_s),
        "ended_at": None if ended is None else instant(ended),
        "known_at": instant(outage.known_s),
        "duration_s": None if ended is None else round(ended - outage.started_s, 3),
        "confidence": params.confidence_feed_silent if outage.rule == "feed_silent" else params.confidence_many_silent,
        "is_distress": False,
        "source_ids": [outage.source_id],
        "evidence": to_json(evidence),
    }


DETECTOR = Detector("feed_outage", version=1, params=Params(), detect=detect)
