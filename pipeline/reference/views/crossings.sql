-- finds: coast crossings with the numbers that analysts ask for first, taken out of the evidence
-- in: events  out: one row a crossing
-- params: none
-- column gate_crossed_at: when the median line was crossed, interpolated between two fixes
-- column mean_speed_kn: distance sailed over time from the departure to the last fix; unit: kn
-- column sailed_nm: length of the track from the departure to the last fix; unit: nm
-- column dark_fraction: share of the crossing with the sun below -6 degrees
-- column is_radar: seen by radar only
-- column is_small: at most 20 m, or of unknown length and not AIS class A
SELECT
    event_id,
    zone_id,
    phase,
    state,
    track_id,
    mmsi,
    started_at,
    known_at,
    ended_at,
    CAST(evidence ->> '$.gate.crossed_at' AS TIMESTAMPTZ) AS gate_crossed_at,
    CAST(evidence ->> '$.mean_speed_kn' AS DOUBLE) AS mean_speed_kn,
    CAST(evidence ->> '$.sailed_nm' AS DOUBLE) AS sailed_nm,
    CAST(evidence ->> '$.dark_fraction' AS DOUBLE) AS dark_fraction,
    CAST(evidence ->> '$.is_radar' AS BOOLEAN) AS is_radar,
    CAST(evidence ->> '$.is_small' AS BOOLEAN) AS is_small,
    confidence
FROM events
WHERE event_type = 'coast_crossing' AND state IN ('open', 'closed')
ORDER BY started_at, event_id
