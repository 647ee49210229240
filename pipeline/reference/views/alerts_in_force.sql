-- finds: the last revision of every alert that was not cancelled
-- in: alerts  out: the columns of alerts
-- params: none
SELECT *
FROM alerts
QUALIFY row_number() OVER (PARTITION BY alert_id ORDER BY revision DESC) = 1 AND status <> 'cancel'
ORDER BY started_at, alert_id
