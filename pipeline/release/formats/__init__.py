"""Forms of a release. Each module has `render(release) -> {file name below data/: bytes}`; equal releases give equal bytes."""

from collections.abc import Callable

from pipeline.release.contents import Release
from pipeline.release.formats import brief, cap, csv, geojson, sitrep

FORMATS: dict[str, Callable[[Release], dict[str, bytes]]] = {
    "csv": csv.render,
    "geojson": geojson.render,
    "cap": cap.render,
    "sitrep": sitrep.render,
    "brief": brief.render,
}
