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
