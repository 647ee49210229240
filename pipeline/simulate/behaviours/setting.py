"""
Where and when a story plays: a corridor and its coasts as a craft's plan needs them, told from the simulator's own land.

A behaviour's truth says when a definition was met: when the craft left the shore that it came from, passed the dividing line, came near the
other shore, was under way in the dark. Here that is worked out from the plan itself, every ten seconds, without the pipeline.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt
import shapely

from pipeline import sun
from pipeline.geo import angle_between_deg, destination
from pipeline.simulate.craft import Motion
from pipeline.simulate.land import Ashore, near_shore, on_land
from pipeline.simulate.theatres import THEATRES
from pipeline.zones import PACKAGED, Gate, Zone, load

Bools = npt.NDArray[np.bool_]

COAST_BAND_NM, SHARE_OF_WIDTH = 1.5, 0.3  # definitions.md 4: near a coast is min(1.5 nm, 0.3 x local width)
OFFSHORE_NM = 1.0  # definitions.md 7 b: min(1 nm, 0.3 x local width) from any coast
LONGEST_ETA_S, HEADING_TOLERANCE_DEG = 7200.0, 30.0  # definitions.md 4
FELT_EVERY, MOST_FELT = 3, 2000  # the shore is felt for at every third step of a motion, at fewer of a long one


@dataclass(frozen=True)
class Setting:
    """A corridor, its dividing line and its width, the first day of the simulated time, how long a silence is none yet, and what is land."""

    corridor_id: str
    outline: shapely.Geometry
    gate: shapely.LineString
    width_nm: float
    gap_s: float
    first_day: date
    ashore: Ashore = on_land

    @property
    def coast_band_nm(self) -> float:
        return min(COAST_BAND_NM, SHARE_OF_WIDTH * self.width_nm)

    def crossed_s(self, way: Motion) -> float | None:
        """When a way first passes the dividing line; None when it does not."""
        points = np.column_stack([way.lon, way.lat])
        steps = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
        passed = np.flatnonzero(shapely.intersects(steps, self.gate))
        return float(way.at_s[passed[0]]) if len(passed) else None

    def shores_s(self, way: Motion, crossed_s: float) -> tuple[float, float | None]:
        """
        When a way was last near a shore before it passed the line, its start when it never was; and when it first came near one after that, None
        when it did not.
        """
        felt = np.append(np.arange(0, len(way.at_s), max(FELT_EVERY, len(way.at_s) // MOST_FELT)), len(way.at_s) - 1)
        near_s = way.at_s[felt][near_shore(way.lon[felt], way.lat[felt], self.coast_band_nm, self.ashore)]
        before, after = near_s[near_s <= crossed_s], near_s[near_s >= crossed_s]
        return float(before[-1]) if len(before) else float(way.at_s[0]), float(after[0]) if len(after) else None

    def inside(self, way: Motion) -> Bools:
        """Whether each step [n] of a way lies in the corridor."""
        return np.asarray(shapely.contains_xy(self.outline, way.lon, way.lat))

    @property
    def offshore_nm(self) -> float:
        return min(OFFSHORE_NM, SHARE_OF_WIDTH * self.width_nm)

    def is_clear(self, lon: float, lat: float, of_shore_nm: float) -> bool:
        """Whether a place lies in the corridor and so far from any shore."""
        bearing_deg, share = np.meshgrid(np.arange(0.0, 360.0, 2.0), np.linspace(0.02, 1.0, 50))
        around_lat, around_lon = destination(lat, lon, bearing_deg.ravel(), of_shore_nm * share.ravel())
        return bool(shapely.contains_xy(self.outline, lon, lat) and not self.ashore(around_lon, around_lat).any())

    def heads_for_shore(self, way: Motion, at_s: float, within_nm: float) -> bool:
        """Whether a way then heads for the nearest shore, within 30 degrees (definitions.md 4)."""
        at = int(np.searchsorted(way.at_s, at_s))
        bearing_deg, off_nm = np.meshgrid(np.arange(0.0, 360.0, 2.0), np.linspace(0.01, 1.0, 100) * within_nm)
        lat, lon = destination(way.lat[at], way.lon[at], bearing_deg.ravel(), off_nm.ravel())
        land = np.flatnonzero(self.ashore(lon, lat))
        return bool(
            len(land) and angle_between_deg(bearing_deg.ravel()[land[0]], way.cog_deg[at]) <= HEADING_TOLERANCE_DEG
        )

    def dark(self, way: Motion) -> Bools:
        """Whether it is night at each step [n] of a way."""
        return is_dark(self.first_day, way)


def is_dark(first_day: date, way: Motion) -> Bools:
    """Whether it is night at each step [n] of a way."""
    return np.asarray(sun.is_night(way.lon, way.lat, midnight_s(first_day) + way.at_s))


def midnight_s(day: date) -> float:
    """00:00 UTC of a day in seconds since 1970."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def setting(corridor: Zone, gate: Gate, first_day: date, ashore: Ashore = on_land) -> Setting:
    """The setting of a corridor in force."""
    return Setting(
        corridor.zone_id,
        corridor.geometry,
        gate.geometry,
        float(corridor.properties["local_width_nm"]),
        THEATRES[corridor.theatre].gap_s,
        first_day,
        ashore,
    )


def packaged(corridor_ids: Sequence[str], first_day: date) -> list[Setting]:
    """The settings of corridors that come with the package."""
    loaded = load([PACKAGED])
    zones = {zone.zone_id: zone for zone in loaded.zones}
    gates = {gate.corridor_id: gate for gate in loaded.gates}
    return [setting(zones[corridor_id], gates[corridor_id], first_day) for corridor_id in corridor_ids]
