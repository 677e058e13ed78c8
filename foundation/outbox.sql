-- name: record_events
-- Append events; the transaction id is taken by default.
insert into platform.outbox (id, topic, aggregate_type, aggregate_id, event_type, version, traceparent, payload)
select e.id, e.topic, e.topic, e.aggregate_id, e.event_type, e.version, e.traceparent, e.payload
from unnest(
    :ids::uuid[], :topics::text[], :aggregate_ids::text[], :event_types::text[], :versions::int[],
    :traceparents::text[], :payloads::jsonb[]
) as e (id, topic, aggregate_id, event_type, version, traceparent, payload);

-- name: read_events
-- Events after a cursor that belong to transactions already decided (below the horizon). Sorted by the column,
-- not by its text in the select list: as text 1000 comes before 999.
select id, xid::text as xid, seq, topic, aggregate_id, event_type, version, payload, recorded_at, traceparent
from platform.outbox
where (xid, seq) > (:xid::xid8, :seq::bigint) and xid < platform.horizon()
order by outbox.xid, outbox.seq
limit :limit;

-- name: horizon
-- First transaction id that may still be open.
select platform.horizon()::text as xmin;

-- name: load_cursor
-- Where a consumer stands; the row lock makes concurrent processes of one consumer take turns.
select xid::text as xid, seq from platform.consumer_cursors where consumer = :consumer for update;

-- name: save_cursor
-- Move a consumer's cursor.
insert into platform.consumer_cursors (consumer, xid, seq)
values (:consumer, :xid::xid8, :seq)
on conflict (consumer) do update set xid = excluded.xid, seq = excluded.seq, updated_at = now();

-- name: enter_inbox
-- Remember that a consumer has handled an event; no row if it had.
insert into platform.inbox (consumer, event_id) values (:consumer, :event_id) on conflict do nothing;
