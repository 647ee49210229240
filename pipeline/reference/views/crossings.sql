-- finds: coast crossings with the numbers that analysts ask for first, taken out of the evidence
-- in: events  out: one row a crossing
-- params: none
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
