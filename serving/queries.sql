-- name: keep_decision
-- A decision, durable before its answer leaves; no row if the event was decided before.
insert into scoring.decisions
    (id, event_id, request_sha256, request, answer, features, score, action, source, model_version, latency_ms)
values (:id, :event_id, :request_sha256, :request, :answer, :features, :score, :action, :source, :model_version, :latency_ms)
on conflict (event_id) do nothing returning id;

-- name: find_decision
-- The decision of an event.
select request_sha256, answer from scoring.decisions where event_id = :event_id;

-- name: history_placed
-- Orders placed, as the features see them.
select g.placed_at as known_at, g.total_poisha as amount, false as is_flagged, g.buyer_id, g.device_index, g.phone_index,
    (select a.payer_index from payments.attempts a where a.group_id = g.id and a.payer_index is not null limit 1) as payer_index,
    g.voucher_code, g.district_code
from orders.order_groups g where g.changed_xid < :xid::xid8 order by g.placed_at;

-- name: history_refused
-- Parcels refused at the door.
select o.closed_at as known_at, o.total_poisha as amount, false as is_flagged, g.buyer_id, g.device_index, g.phone_index,
    null as payer_index, g.voucher_code, g.district_code
from orders.orders o join orders.order_groups g on g.id = o.group_id
where o.status = 'refused' and o.closed_at is not null and o.changed_xid < :xid::xid8 order by o.closed_at;

-- name: history_unpaid
-- Prepaid attempts that ended without money.
select a.resolved_at as known_at, a.amount_poisha as amount, false as is_flagged, g.buyer_id, g.device_index, g.phone_index,
    a.payer_index, g.voucher_code, g.district_code
from payments.attempts a join orders.order_groups g on g.id = a.group_id
where a.state = 'declined' and a.provider <> 'cod' and a.resolved_at is not null and a.changed_xid < :xid::xid8
order by a.resolved_at;

-- name: history_labelled
-- Labels from the moment they were known.
select l.known_at, 0 as amount, l.is_fraud as is_flagged, g.buyer_id, g.device_index, g.phone_index,
    (select a.payer_index from payments.attempts a where a.group_id = g.id and a.payer_index is not null limit 1) as payer_index,
    g.voucher_code, g.district_code
from risk.labels l join orders.order_groups g on g.id = l.group_id where l.changed_xid < :xid::xid8 order by l.known_at;

-- name: standing
-- Where the states of these declarations stand in the stream of events; no row before they are built.
select xid::text as xid, seq, is_rebuild_asked from scoring.feature_cursors where declared = :declared;

-- name: read_states
-- States of the entities asked for, with the cursor's row as proof that they were built.
select c.declared, s.entity, s.key, s.state
from scoring.feature_cursors c
left join (
    select s.entity, s.key, s.state from unnest(:entities::text[], :keys::text[]) as asked (entity, key)
    join scoring.feature_states s on s.declared = :declared and s.entity = asked.entity and s.key = asked.key
) s on true
where c.declared = :declared;

-- name: move_cursor
-- The feeder's next place in the stream; no row if another feeder moved it or a rebuild was asked for meanwhile.
update scoring.feature_cursors set xid = :xid::xid8, seq = :seq, updated_at = now()
where declared = :declared and xid = :old_xid::xid8 and seq = :old_seq and not is_rebuild_asked
returning declared;

-- name: save_states
-- States after a batch of events.
insert into scoring.feature_states (declared, entity, key, state)
select :declared, s.entity, s.key, s.state from unnest(:entities::text[], :keys::text[], :states::bytea[]) as s (entity, key, state)
on conflict (declared, entity, key) do update set state = excluded.state;

-- name: ask_rebuild
-- The feeder builds the states anew from history at its next look; decisions use the present ones until then.
update scoring.feature_cursors set is_rebuild_asked = true where declared = :declared returning declared;

-- name: forget_states
-- The states of these declarations, before they are written anew in the same transaction.
delete from scoring.feature_states where declared = :declared;

-- name: forget_retired
-- States of declarations that nothing has followed for a week.
with retired as (
    delete from scoring.feature_cursors where declared <> :declared and updated_at < now() - interval '7 days'
    returning declared
)
delete from scoring.feature_states s using retired r where s.declared = r.declared;

-- name: start_cursor
-- The states are built up to here.
insert into scoring.feature_cursors (declared, xid, seq) values (:declared, :xid::xid8, :seq)
on conflict (declared) do update
set xid = excluded.xid, seq = excluded.seq, is_rebuild_asked = false, built_at = now(), updated_at = now();
