"""
What a radar satellite (SAR) sees of a theatre: two scenes a day, each a strip across it, detections with a position error, a length
estimate and misses.

They are written in the columns of Global Fishing Watch's files of Sentinel-1 detections: a detection near a craft whose AIS was heard
carries its MMSI, others none.
"""

from collections.abc import Sequence, Set
from datetime import date

import numpy as np

from pipeline.geo import LocalPlane
from pipeline.simulate.craft import AWAY, DAY_S, MOORED
from pipeline.simulate.land import Shore
from pipeline.simulate.sensors import Passage
from pipeline.simulate.truth import stamp
from pipeline.simulate.waterways import Waterways

SCENE_HEADER = "scene_id,timestamp,lat,lon,presence_score,length_m,mmsi,matching_score,fishing_score,matched_category"
PASSES_S = (4 * 3600 + 1500, 16 * 3600 + 1200)  # the dawn-dusk orbit of Sentinel-1 over 30 degrees east, about
SWATH_M, TILT_DEG = 250_000.0, 12.0  # interferometric wide swath
ERROR_M, LENGTH_ERROR = 60.0, 0.15  # own
HALF_SEEN_M, FADE_M = 18.0, 4.0  # own: of craft of this length every other is seen
MATCHED_SHARE = 0.92  # own: of the detections of craft that AIS knows of
FISHING_TYPE = 30
PLAIN = str.maketrans("", "", "-:Z")


def scene_lines(
    passages: Sequence[Passage], heard: Set[str], ways: Waterways, first_day: date, day: int, seed: int
) -> list[str]:
    """The detections of a day's scenes, one line each; `heard` are the MMSIs that AIS knows of."""
    rng = np.random.default_rng([seed, 16, day])
    west, south, east, north = ways.frame
    lines = []
    for number, pass_s in enumerate(PASSES_S):
        at_s = day * DAY_S + pass_s + int(rng.integers(1200))
        plane = LocalPlane(float(rng.uniform(west, east)), (south + north) / 2.0)
        tilt_rad = np.radians(TILT_DEG if number else -TILT_DEG)  # it goes north in the evening, south in the morning
        here = [one for one in passages if one.motion.at_s[0] <= at_s <= one.motion.at_s[-1]]
        states = [one.motion.at(np.array([at_s])) for one in here]
        lon, lat = np.array([(state.lon[0], state.lat[0]) for state in states]).T.reshape(2, -1)
        resting = np.isin([state.nav_status[0] for state in states], (AWAY, MOORED))
        lengths_m = np.array([one.craft.length_m or 0.0 for one in here])
        x_m, y_m = plane.to_xy_m(lon, lat)
        in_swath = np.abs(x_m * np.cos(tilt_rad) - y_m * np.sin(tilt_rad)) <= SWATH_M / 2.0
        chance = 0.98 / (1.0 + np.exp((HALF_SEEN_M - lengths_m) / FADE_M))
        seen = in_swath & ~resting & (ways.shore.nearness(lon, lat) > Shore.CLUTTER) & (rng.random(len(here)) < chance)
        scene_id = f"S1SIM_IW_{stamp(first_day, at_s).translate(PLAIN)}"
        for one in np.flatnonzero(seen).tolist():
            craft = here[one].craft
            error_m = rng.normal(0.0, ERROR_M, 2)
            seen_lon, seen_lat = plane.to_lonlat(x_m[one] + error_m[0], y_m[one] + error_m[1])
            length_m = max(5.0, lengths_m[one] * rng.normal(1.0, LENGTH_ERROR))
            known = craft.mmsi in heard and rng.random() < MATCHED_SHARE
            is_fishing = craft.ship_type == FISHING_TYPE
            category = ("matched_fishing" if is_fishing else "matched_nonfishing") if known else "unmatched"
            lines.append(
                f"{scene_id},{stamp(first_day, at_s)[:-1].replace('T', ' ')} UTC,{seen_lat:.6f},{seen_lon:.6f},"
                f"{rng.uniform(0.7, 1.0):.4f},{length_m:.2f},{craft.mmsi if known else ''},"
                f"{f'{rng.uniform(1.0, 300.0):.4f}' if known else ''},"
                f"{np.clip(rng.normal(0.85 if is_fishing else 0.1, 0.1), 0.0, 1.0):.4f},{category}"
            )
    return lines
