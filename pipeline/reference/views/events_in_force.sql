-- finds: events that hold: neither taken back by later data nor explained by a feed that was down
-- in: events  out: the columns of events
-- params: none
SELECT *
FROM events
WHERE state IN ('open', 'closed')
ORDER BY started_at, event_id
