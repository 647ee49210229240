"""Constants and conversions, each with its source. Everything inside Pharos is in knots, nautical miles, metres, degrees and UTC."""

METRES_PER_NM = 1852.0  # International Hydrographic Conference 1929
M_PER_S_PER_KN = METRES_PER_NM / 3600.0
SECONDS_PER_HOUR = 3600.0
SECONDS_PER_DAY = 86_400.0
METRES_PER_DEGREE_OF_LATITUDE = 60.0 * METRES_PER_NM

# What a source may declare as `unit`, and what to multiply by to get the unit of the column.
FACTORS: dict[tuple[str, str], float] = {
    ("kn", "kn"): 1.0,
    ("0.1 kn", "kn"): 0.1,
    ("m/s", "kn"): 1.0 / M_PER_S_PER_KN,
    ("km/h", "kn"): 1000.0 / METRES_PER_NM,
    ("nm", "nm"): 1.0,
    ("deg", "deg"): 1.0,
    ("m", "m"): 1.0,
    ("ft", "m"): 0.3048,  # international foot, 1959
}
