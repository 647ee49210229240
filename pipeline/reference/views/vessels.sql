-- finds: for every MMSI what it last said of itself, and how many different things it said
-- in: identity_claims  out: one row a vessel_id
-- params: none
-- column n_claims: different combinations of claims, a day each
SELECT
    vessel_id,
    mmsi,
    flag,
    arg_max(imo, last_at) AS imo,
    arg_max(ship_name, last_at) AS ship_name,
    arg_max(call_sign, last_at) AS call_sign,
    arg_max(ship_type, last_at) AS ship_type,
    arg_max(length_m, last_at) AS length_m,
    count(*) AS n_claims,
    min(first_at) AS first_at,
    max(last_at) AS last_at
FROM identity_claims
GROUP BY vessel_id, mmsi, flag
ORDER BY vessel_id
