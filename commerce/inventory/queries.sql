-- name: reserve
-- Reserve a whole cart in one statement: rows locked in sorted order, the condition decides, the CHECK stands behind it.
with wanted as (
    select w.offer_id, w.quantity from unnest(:offer_ids::uuid[], :quantities::int[]) as w (offer_id, quantity)
),
picked as (
    select distinct on (w.offer_id) w.offer_id, s.hub_id, w.quantity
    from wanted w
    join inventory.stock s on s.offer_id = w.offer_id and s.on_hand - s.reserved >= w.quantity
    order by w.offer_id, s.on_hand - s.reserved desc, s.hub_id
),
locked as (
    select s.offer_id, s.hub_id, p.quantity
    from picked p join inventory.stock s on s.offer_id = p.offer_id and s.hub_id = p.hub_id
    order by s.offer_id, s.hub_id
    for update of s
)
update inventory.stock s
set reserved = s.reserved + l.quantity, updated_at = now()
from locked l
where s.offer_id = l.offer_id and s.hub_id = l.hub_id and s.on_hand - s.reserved >= l.quantity
returning s.offer_id, s.hub_id;

-- name: add_holds
-- Note which order holds what, where.
insert into inventory.holds (order_id, offer_id, hub_id, quantity, expires_at)
select h.order_id, h.offer_id, h.hub_id, h.quantity, :expires_at
from unnest(:order_ids::uuid[], :offer_ids::uuid[], :hub_ids::uuid[], :quantities::int[])
    as h (order_id, offer_id, hub_id, quantity);

-- name: release
-- Give reserved goods of orders back to sale; once, because only holds still reserved count.
with freed as (
    update inventory.holds set state = 'released'
    where order_id = any(:order_ids::uuid[]) and state = 'reserved'
    returning offer_id, hub_id, quantity
),
summed as (
    select offer_id, hub_id, sum(quantity)::int as quantity from freed group by offer_id, hub_id
),
locked as (
    select s.offer_id, s.hub_id, f.quantity
    from summed f join inventory.stock s on s.offer_id = f.offer_id and s.hub_id = f.hub_id
    order by s.offer_id, s.hub_id for update of s
)
update inventory.stock s set reserved = s.reserved - l.quantity, updated_at = now()
from locked l where s.offer_id = l.offer_id and s.hub_id = l.hub_id;

-- name: claim
-- Goods of orders leave the hub.
with gone as (
    update inventory.holds set state = 'claimed'
    where order_id = any(:order_ids::uuid[]) and state = 'reserved'
    returning offer_id, hub_id, quantity
),
summed as (
    select offer_id, hub_id, sum(quantity)::int as quantity from gone group by offer_id, hub_id
),
locked as (
    select s.offer_id, s.hub_id, g.quantity
    from summed g join inventory.stock s on s.offer_id = g.offer_id and s.hub_id = g.hub_id
    order by s.offer_id, s.hub_id for update of s
)
update inventory.stock s
set reserved = s.reserved - l.quantity, on_hand = s.on_hand - l.quantity, shipped = s.shipped + l.quantity,
    updated_at = now()
from locked l where s.offer_id = l.offer_id and s.hub_id = l.hub_id;

-- name: take_back
-- Refused goods return to the hub they left.
with back as (
    select offer_id, hub_id, sum(quantity)::int as quantity
    from inventory.holds where order_id = any(:order_ids::uuid[]) and state = 'claimed'
    group by offer_id, hub_id
),
closed as (
    update inventory.holds set state = 'released' where order_id = any(:order_ids::uuid[]) and state = 'claimed'
),
locked as (
    select s.offer_id, s.hub_id, b.quantity
    from back b join inventory.stock s on s.offer_id = b.offer_id and s.hub_id = b.hub_id
    order by s.offer_id, s.hub_id for update of s
)
update inventory.stock s
set on_hand = s.on_hand + l.quantity, shipped = s.shipped - l.quantity, updated_at = now()
from locked l where s.offer_id = l.offer_id and s.hub_id = l.hub_id;

-- name: receive
-- Goods arrive at a hub.
insert into inventory.stock (offer_id, hub_id, received, on_hand)
values (:offer_id, :hub_id, :quantity, :quantity)
on conflict (offer_id, hub_id) do update
set received = inventory.stock.received + excluded.received, on_hand = inventory.stock.on_hand + excluded.on_hand,
    updated_at = now()
returning received, on_hand, reserved, shipped, written_off;

-- name: levels
-- Stock of an offer in every hub.
select s.hub_id, h.code as hub_code, h.name as hub_name, s.on_hand, s.reserved, s.on_hand - s.reserved as available
from inventory.stock s join inventory.hubs h on h.id = s.hub_id where s.offer_id = :offer_id order by h.code;
