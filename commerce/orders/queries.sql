-- name: price_lines
-- Offers of a checkout with today's price, seller, commission.
select o.id as offer_id, o.product_id, o.seller_id, o.price_poisha, s.commission_bp, s.name as seller_name, w.quantity
from unnest(:offer_ids::uuid[], :quantities::int[]) as w (offer_id, quantity)
join catalog.offers o on o.id = w.offer_id and o.status = 'active'
join sellers.sellers s on s.id = o.seller_id and s.status = 'approved'
    and (s.holiday_until is null or s.holiday_until <= now())
order by o.id;

-- name: add_group
-- The buyer's order, its orders by seller and their lines: one statement, one round trip.
with added_group as (
    insert into orders.order_groups
        (id, number, buyer_id, channel, payment_method, district_code, address_encrypted, device_index, phone_index,
         voucher_code, subtotal_poisha, discount_poisha, shipping_poisha, total_poisha, placed_at)
    values (:id, :number, :buyer_id, :channel, :payment_method, :district_code, :address_encrypted, :device_index,
            :phone_index, :voucher_code, :subtotal_poisha, :discount_poisha, :shipping_poisha, :total_poisha, :placed_at)
),
added_orders as (
    insert into orders.orders
        (id, group_id, seller_id, hub_id, status, subtotal_poisha, discount_poisha, shipping_poisha, total_poisha,
         commission_poisha, vat_poisha, seller_discount_poisha, placed_at)
    select o.id, :id, o.seller_id, o.hub_id, :status, o.subtotal_poisha, o.discount_poisha, o.shipping_poisha,
        o.subtotal_poisha - o.discount_poisha + o.shipping_poisha, o.commission_poisha, o.vat_poisha,
        o.seller_discount_poisha, :placed_at
    from unnest(:order_ids::uuid[], :seller_ids::uuid[], :hub_ids::uuid[], :subtotals::bigint[], :discounts::bigint[],
                :shippings::bigint[], :commissions::bigint[], :vats::bigint[], :seller_discounts::bigint[])
        as o (id, seller_id, hub_id, subtotal_poisha, discount_poisha, shipping_poisha, commission_poisha, vat_poisha,
              seller_discount_poisha)
)
insert into orders.order_lines
    (order_id, line_no, offer_id, product_id, quantity, subtotal_poisha, discount_poisha, total_poisha)
select l.order_id, l.line_no, l.offer_id, l.product_id, l.quantity, l.subtotal_poisha, l.discount_poisha,
    l.subtotal_poisha - l.discount_poisha
from unnest(:line_order_ids::uuid[], :line_nos::int[], :line_offer_ids::uuid[], :line_product_ids::uuid[],
            :line_quantities::int[], :line_subtotals::bigint[], :line_discounts::bigint[])
    as l (order_id, line_no, offer_id, product_id, quantity, subtotal_poisha, discount_poisha);

-- name: list_groups
-- A buyer's orders, newest first.
select g.id as group_id, g.number, g.placed_at, g.payment_method, g.total_poisha, g.discount_poisha, g.shipping_poisha,
    (select jsonb_agg(jsonb_build_object('order_id', o.id, 'seller_id', o.seller_id, 'seller_name', s.name,
            'status', o.status, 'total_poisha', o.total_poisha) order by o.id)
     from orders.orders o join sellers.sellers s on s.id = o.seller_id where o.group_id = g.id) as orders
from orders.order_groups g
where g.buyer_id = :buyer_id and (:before_at::timestamptz is null or (g.placed_at, g.id) < (:before_at::timestamptz, :before_id::uuid))
order by g.placed_at desc, g.id desc
limit :limit;

-- name: find_group
-- One order group of a buyer with its orders, lines, decision and payment. No row if it is somebody else's.
select g.id as group_id, g.number, g.placed_at, g.payment_method, g.channel, g.district_code, g.subtotal_poisha,
    g.discount_poisha, g.shipping_poisha, g.total_poisha, g.voucher_code,
    (select jsonb_agg(jsonb_build_object('order_id', o.id, 'seller_id', o.seller_id, 'seller_name', s.name,
            'status', o.status, 'total_poisha', o.total_poisha, 'shipping_poisha', o.shipping_poisha, 'lines',
            (select jsonb_agg(jsonb_build_object('offer_id', l.offer_id, 'product_id', l.product_id, 'title', p.title_en,
                    'quantity', l.quantity, 'total_poisha', l.total_poisha) order by l.line_no)
             from orders.order_lines l join catalog.products p on p.id = l.product_id where l.order_id = o.id))
        order by o.id)
     from orders.orders o join sellers.sellers s on s.id = o.seller_id where o.group_id = g.id) as orders,
    (select jsonb_build_object('attempt_id', a.id, 'provider', a.provider, 'state', a.state)
     from payments.attempts a where a.group_id = g.id and a.order_id is null order by a.created_at desc limit 1) as payment,
    (select jsonb_build_object('action', d.action, 'score', d.score, 'source', d.source, 'model_version', d.model_version,
            'reasons', d.reasons) from risk.decisions d where d.group_id = g.id) as decision
from orders.order_groups g where g.id = :group_id and (:sees_all or g.buyer_id = :buyer_id);

-- name: lock_orders_of_group
-- Orders of a group, locked in sorted order.
select o.*, g.buyer_id, g.payment_method, g.district_code, g.device_index, g.phone_index, g.number
from orders.orders o join orders.order_groups g on g.id = o.group_id
where o.group_id = :group_id order by o.id for update of o;

-- name: lock_order
-- One order with what its events carry, locked.
select o.*, g.buyer_id, g.payment_method, g.district_code, g.device_index, g.phone_index, g.number
from orders.orders o join orders.order_groups g on g.id = o.group_id where o.id = :order_id for update of o;

-- name: move_orders
-- Change the state of orders and note it.
with moved as (
    update orders.orders o set status = :to_status,
        courier = coalesce(:courier, o.courier),
        shipped_at = case when :to_status = 'shipped' then :at else o.shipped_at end,
        closed_at = case when :to_status in ('delivered', 'refused', 'cancelled') then :at else o.closed_at end
    from (select id, status from orders.orders where id = any(:order_ids::uuid[])) as old
    where o.id = old.id and o.status = :from_status
    returning o.id, old.status as from_status
)
insert into orders.order_transitions (order_id, from_status, to_status, reason, actor_id, occurred_at)
select id, from_status, :to_status, :reason, :actor_id, :at from moved;

-- name: open_orders
-- Orders in a state, oldest first: the worklist of couriers and the fraud team.
select o.id as order_id, o.group_id, o.seller_id, o.status, o.total_poisha, o.placed_at, o.shipped_at, g.payment_method,
    g.district_code, g.channel
from orders.orders o join orders.order_groups g on g.id = o.group_id
where o.status = :status and g.channel <> 'import' order by o.placed_at, o.id limit :limit;

-- name: orders_open_elsewhere
-- Whether a group still has orders that are not cancelled.
select count(*) as open from orders.orders where group_id = :group_id and status <> 'cancelled';

-- name: lines_of_group
-- What a buyer ordered in a group.
select l.offer_id, sum(l.quantity)::int as quantity
from orders.order_lines l join orders.orders o on o.id = l.order_id join orders.order_groups g on g.id = o.group_id
where g.id = :group_id and g.buyer_id = :buyer_id group by l.offer_id;

-- name: invoice
-- All that an invoice says about an order group of a buyer.
select g.number, g.placed_at, g.payment_method, g.subtotal_poisha, g.discount_poisha, g.shipping_poisha, g.total_poisha,
    (select jsonb_agg(jsonb_build_object('seller_name', s.name, 'status', o.status, 'subtotal_poisha', o.subtotal_poisha,
            'discount_poisha', o.discount_poisha, 'shipping_poisha', o.shipping_poisha, 'total_poisha', o.total_poisha,
            'lines', (select jsonb_agg(jsonb_build_object('title_en', p.title_en, 'title_bn', p.title_bn,
                    'quantity', l.quantity, 'subtotal_poisha', l.subtotal_poisha, 'discount_poisha', l.discount_poisha,
                    'total_poisha', l.total_poisha) order by l.line_no)
                from orders.order_lines l join catalog.products p on p.id = l.product_id where l.order_id = o.id))
        order by o.id)
     from orders.orders o join sellers.sellers s on s.id = o.seller_id where o.group_id = g.id) as orders
from orders.order_groups g where g.id = :group_id and (:sees_all or g.buyer_id = :buyer_id);

-- name: reversed_of_order
-- What was taken back of an order since it was placed.
select coalesce(sum(subtotal_poisha), 0)::bigint as subtotal_poisha, coalesce(sum(discount_poisha), 0)::bigint as discount_poisha,
    coalesce(sum(shipping_poisha), 0)::bigint as shipping_poisha
from orders.reversals where order_id = :order_id;

-- name: lines_left
-- Lines of an order with how many of each were taken back, and how many are left.
select l.line_no, l.offer_id, l.quantity::int as quantity, l.subtotal_poisha, l.discount_poisha,
    coalesce(sum(r.quantity), 0)::int as taken_quantity, (l.quantity - coalesce(sum(r.quantity), 0))::int as left_quantity
from orders.order_lines l left join orders.reversals r on r.order_id = l.order_id and r.line_no = l.line_no
where l.order_id = :order_id group by l.order_id, l.line_no order by l.line_no;

-- name: add_reversal
-- A part of an order is taken back; once for each cause.
insert into orders.reversals
    (id, order_id, line_no, quantity, subtotal_poisha, discount_poisha, shipping_poisha, total_poisha, cause, cause_key, created_at)
values (:id, :order_id, :line_no, :quantity, :subtotal_poisha, :discount_poisha, :shipping_poisha, :total_poisha, :cause,
    :cause_key, :now);
