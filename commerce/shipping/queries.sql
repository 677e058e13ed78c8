-- name: open_shipment
-- A parcel for an order; none if it has one that was not called off.
insert into shipping.shipments
    (id, order_id, seller_id, courier, merchant_reference, cod_poisha, collect_taka, accepted_at, created_at)
values (:id, :order_id, :seller_id, :courier, :merchant_reference, :cod_poisha, :collect_taka, :now, :now)
on conflict (order_id) where state <> 'cancelled' do nothing;

-- name: find_parcel
-- The parcel of an order that was not called off.
select * from shipping.shipments where order_id = :order_id and state <> 'cancelled';

-- name: find_shipment
-- A parcel.
select * from shipping.shipments where id = :id;

-- name: lock_shipment
-- A parcel, locked; its order's row is locked before it.
select * from shipping.shipments where id = :id for update;

-- name: find_sighted
-- The parcel a courier speaks of: by its number or by ours.
select id, order_id from shipping.shipments
where courier = :courier and (consignment_id = :consignment_id or merchant_reference = :reference)
order by consignment_id is not null desc limit 1;

-- name: move_shipment
-- Change the state of a parcel and note it.
with moved as (
    update shipping.shipments set state = :to_state,
        consignment_id = coalesce(consignment_id, :consignment_id),
        delivery_fee_poisha = coalesce(delivery_fee_poisha, :delivery_fee_poisha),
        collected_poisha = coalesce(:collected_poisha, collected_poisha),
        weight_grams = coalesce(:weight_grams, weight_grams),
        cod_poisha = coalesce(:cod_poisha, cod_poisha), collect_taka = coalesce(:collect_taka, collect_taka),
        refusal = :refusal, called_at = case when :to_state in ('created', 'submitted') then null else called_at end,
        booked_at = case when :to_state = 'booked' then :at else booked_at end,
        closed_at = case when :to_state in ('delivered', 'refused', 'returned', 'lost', 'cancelled') then :at end
    where id = :id and state = :from_state
    returning id
)
insert into shipping.shipment_transitions (shipment_id, from_state, to_state, actor_id, occurred_at)
select id, :from_state, :to_state, :actor_id, :at from moved;

-- name: claim_booking
-- One parcel to book: marked as called, and committed, before the courier is.
update shipping.shipments s set called_at = :now
from (
    select id from shipping.shipments where state = 'submitted' and called_at is null
    order by created_at limit 1 for update skip locked
) as due
where s.id = due.id
returning s.id, s.order_id;

-- name: claim_silent
-- Parcels whose booking was called and never answered: whoever called is gone, the courier may have acted.
select id, order_id from shipping.shipments where state = 'submitted' and called_at < :before limit 20;

-- name: describe_parcel
-- What the courier is told of a parcel; the address is still encrypted.
select s.*, g.number, g.district_code, g.address_encrypted, u.full_name,
    (select sum(l.quantity)::int from orders.order_lines l where l.order_id = s.order_id) as quantity
from shipping.shipments s
join orders.orders o on o.id = s.order_id
join orders.order_groups g on g.id = o.group_id
join identity.users u on u.id = g.buyer_id
where s.id = :id;

-- name: claim_to_track
-- One parcel that nothing was heard of for long.
update shipping.shipments s set looked_at = :now
from (
    select id from shipping.shipments
    where state in ('booked', 'picked_up', 'in_transit', 'refused') and coalesce(looked_at, booked_at) < :before
    order by looked_at nulls first limit 1 for update skip locked
) as due
where s.id = due.id
returning s.id, s.courier, s.consignment_id;

-- name: keep_event
-- What a courier told; each thing once.
insert into shipping.tracking_events
    (courier, event_id, shipment_id, raw_event, state, reason, is_applied, occurred_at, received_at)
values (:courier, :event_id, :shipment_id, :raw_event, :state, :reason, :is_applied, :occurred_at, :received_at)
on conflict (courier, event_id) do nothing returning id;

-- name: knows_event
-- Whether a courier told this before.
select 1 as known from shipping.tracking_events where courier = :courier and event_id = :event_id;

-- name: call_off
-- A parcel that the courier was not asked to carry is not needed.
update shipping.shipments set state = 'cancelled', closed_at = :now
where order_id = :order_id and (state = 'created' or (state = 'submitted' and called_at is null));

-- name: list_events
-- What was seen of a parcel, oldest first.
select raw_event, state, reason, occurred_at from shipping.tracking_events
where shipment_id = :shipment_id and state is not null order by occurred_at, id limit 200;

-- name: find_tracked_order
-- An order of a buyer with its promised day and parcel.
select o.id as order_id, o.status, coalesce(s.courier, o.courier) as courier, s.id as shipment_id, s.state as parcel_state,
    s.consignment_id, c.due_at as promised_by, c.is_legal, c.breached_at is not null as is_late
from orders.orders o
join orders.order_groups g on g.id = o.group_id
left join shipping.shipments s on s.order_id = o.id and s.state <> 'cancelled'
left join shipping.sla_clocks c on c.order_id = o.id and c.kind = 'delivery'
where o.id = :order_id and (:sees_all or g.buyer_id = :buyer_id);

-- name: start_clocks
-- Promised days of the orders of a group: by law for prepaid ones; the city is the same where the districts are.
insert into shipping.sla_clocks (order_id, kind, is_legal, due_at)
select o.id, k.kind, :is_legal,
    :started_at::timestamptz + case when k.kind = 'handover' then :handover::interval
        when s.district_code = g.district_code then :same_city::interval else :elsewhere::interval end
from orders.orders o
join orders.order_groups g on g.id = o.group_id
join sellers.sellers s on s.id = o.seller_id
cross join (values ('handover'), ('delivery')) as k (kind)
where o.group_id = :group_id
on conflict do nothing;

-- name: stop_clocks
-- The promise is kept, or there is nothing to keep any more.
update shipping.sla_clocks set stopped_at = :at
where order_id = :order_id and kind = any(:kinds::text[]) and stopped_at is null;

-- name: breach_clocks
-- Promises that were not kept in time; each is told once.
update shipping.sla_clocks c set breached_at = :now
from (
    select order_id, kind from shipping.sla_clocks
    where stopped_at is null and breached_at is null and due_at < :now
    order by due_at limit 100 for update skip locked
) as due
where c.order_id = due.order_id and c.kind = due.kind
returning c.order_id, c.kind, c.due_at, c.is_legal;

-- name: seller_orders
-- A seller's orders by state, newest first, with lines and parcel.
select o.id as order_id, g.number, o.status, g.payment_method, g.district_code, o.total_poisha, o.placed_at, s.state as parcel_state,
    s.consignment_id, s.refusal, c.due_at as promised_by,
    (select jsonb_agg(jsonb_build_object('line_no', l.line_no, 'offer_id', l.offer_id, 'title', p.title_en,
        'quantity', l.quantity, 'total_poisha', l.total_poisha) order by l.line_no)
     from orders.order_lines l join catalog.products p on p.id = l.product_id where l.order_id = o.id) as lines
from orders.orders o
join orders.order_groups g on g.id = o.group_id
left join shipping.shipments s on s.order_id = o.id and s.state <> 'cancelled'
left join shipping.sla_clocks c on c.order_id = o.id and c.kind = 'delivery'
where o.seller_id = :seller_id and (:status::text is null or o.status = :status)
    and (:before_at::timestamptz is null or (o.placed_at, o.id) < (:before_at::timestamptz, :before_id::uuid))
order by o.placed_at desc, o.id desc limit :limit;

-- name: remitted_until
-- Where the reading of a courier's payments stands.
select position from shipping.cod_remittances where courier = :courier order by paid_at desc, imported_at desc limit 1;

-- name: add_remittance
-- A courier's payment; once.
insert into shipping.cod_remittances
    (id, courier, invoice_id, position, collected_poisha, fee_poisha, paid_poisha, paid_at, imported_at)
values (:id, :courier, :invoice_id, :position, :collected_poisha, :fee_poisha, :paid_poisha, :paid_at, :now)
on conflict (courier, invoice_id) do nothing returning id;

-- name: expected_cash
-- What the parcels on a courier's payment should bring.
select s.id, s.order_id, s.consignment_id, s.state, s.cod_poisha, s.collect_taka, coalesce(s.delivery_fee_poisha, 0) as delivery_fee_poisha,
    exists (select 1 from shipping.cod_remittance_lines l where l.shipment_id = s.id) as is_remitted
from shipping.shipments s where s.courier = :courier and s.consignment_id = any(:consignments::text[]) for update;

-- name: add_remittance_lines
-- The parcels on a courier's payment.
insert into shipping.cod_remittance_lines
    (remittance_id, line_no, consignment_id, shipment_id, collected_poisha, delivery_fee_poisha, cod_fee_poisha, cleared_poisha)
select :remittance_id, l.line_no, l.consignment_id, l.shipment_id, l.collected, l.delivery_fee, l.cod_fee, l.cleared
from unnest(:consignments::text[], :shipment_ids::uuid[], :collected::bigint[], :delivery_fees::bigint[], :cod_fees::bigint[],
            :cleared::bigint[]) with ordinality
    as l (consignment_id, shipment_id, collected, delivery_fee, cod_fee, cleared, line_no);

-- name: add_break
-- Something about a courier's payment that is not as it should be.
insert into shipping.reconciliation_breaks
    (id, remittance_id, shipment_id, consignment_id, kind, expected_poisha, got_poisha, found_at)
values (:id, :remittance_id, :shipment_id, :consignment_id, :kind, :expected_poisha, :got_poisha, :now);

-- name: list_breaks
-- Breaks in a state, newest first.
select b.id, r.courier, r.invoice_id, b.consignment_id, s.order_id, b.kind, b.expected_poisha, b.got_poisha, b.state,
    b.resolution, b.found_at
from shipping.reconciliation_breaks b
join shipping.cod_remittances r on r.id = b.remittance_id
left join shipping.shipments s on s.id = b.shipment_id
where b.state = :state and (:before_id::uuid is null or b.id < :before_id::uuid) order by b.id desc limit :limit;

-- name: resolve_break
-- Finance has found out; once.
update shipping.reconciliation_breaks b set state = 'resolved', resolution = :resolution, resolved_by = :actor_id, resolved_at = :now
from shipping.cod_remittances r
where b.id = :id and b.state = 'open' and r.id = b.remittance_id
returning b.*, r.courier, (select s.order_id from shipping.shipments s where s.id = b.shipment_id) as order_id;

-- name: list_remittances
-- Couriers' payments, newest first.
select id, courier, invoice_id, collected_poisha, fee_poisha, paid_poisha, paid_at,
    (select count(*) from shipping.reconciliation_breaks b where b.remittance_id = r.id and b.state = 'open') as open_breaks
from shipping.cod_remittances r
where (:before_id::uuid is null or id < :before_id::uuid) order by id desc limit :limit;

-- name: outstanding_cash
-- Cash of delivered parcels that the courier has not paid yet, oldest first.
select s.id as shipment_id, s.order_id, s.courier, s.consignment_id, s.cod_poisha, s.closed_at as delivered_at
from shipping.shipments s
where s.state = 'delivered' and s.cod_poisha > 0 and s.closed_at < :before
    and not exists (select 1 from shipping.cod_remittance_lines l where l.shipment_id = s.id)
    and (:after_id::uuid is null or s.id > :after_id::uuid)
order by s.id limit :limit;
