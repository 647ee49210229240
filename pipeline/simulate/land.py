"""
Land, exactly: OpenStreetMap's polygons as roaring-landmask ships them. The simulator's own, so that a mistake in the
pipeline's coast shows as a wrong event and is not repeated by the data that should find it.
"""

from functools import cache

import numpy as np
import numpy.typing as npt
from roaring_landmask import LandmaskProvider, Shapes

from pipeline.geo import destination


@cache
def _shapes() -> Shapes:
    return Shapes.new(LandmaskProvider.Osm)  # 5 s


def on_land(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which of the points [n] lie on land."""
    x, y = (np.ascontiguousarray(values, dtype=np.float64) for values in (lon, lat))
    return np.asarray(_shapes().contains_many(x, y), dtype=np.bool_)


def near_shore(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], within_nm: float) -> npt.NDArray[np.bool_]:
    """Which of the points [n] have land within `within_nm`, felt for at 16 points of a circle and at 8 of one half as wide."""
    near = on_land(lon, lat)
    for radius_nm, n_bearings in ((within_nm, 16), (within_nm / 2.0, 8)):
        for bearing in np.arange(n_bearings) * 360.0 / n_bearings:
            around_lat, around_lon = destination(lat, lon, bearing, radius_nm)
            near |= on_land(around_lon, around_lat)
    return near
