-- name: reserve
-- Reserve the lines of a checkout and note who holds what, in one statement: rows locked in sorted order, the condition
-- decides, the CHECK stands behind it. A seller's order goes to the hub that covers most of its lines (near ones first).
with wanted as (
    select w.order_id, w.offer_id, w.quantity
    from unnest(:order_ids::uuid[], :offer_ids::uuid[], :quantities::int[]) as w (order_id, offer_id, quantity)
),
choices as (
    select w.order_id, w.offer_id, w.quantity, s.hub_id, s.on_hand - s.reserved as available
    from wanted w join inventory.stock s on s.offer_id = w.offer_id and s.on_hand - s.reserved >= w.quantity
),
best as (
    select distinct on (c.order_id) c.order_id, c.hub_id
    from choices c join inventory.hubs h on h.id = c.hub_id
    group by c.order_id, c.hub_id, h.district_code
    order by c.order_id, count(*) desc, h.district_code = :district_code desc, sum(c.available) desc, c.hub_id
),
picked as (
    select distinct on (c.offer_id) c.order_id, c.offer_id, c.quantity, c.hub_id
    from choices c join best b on b.order_id = c.order_id
    order by c.offer_id, c.hub_id = b.hub_id desc, c.available desc, c.hub_id
),
locked as (
    select p.order_id, s.offer_id, s.hub_id, p.quantity
    from picked p join inventory.stock s on s.offer_id = p.offer_id and s.hub_id = p.hub_id
    order by s.offer_id, s.hub_id
    for update of s
),
taken as (
    update inventory.stock s
    set reserved = s.reserved + l.quantity, updated_at = now()
    from locked l
    where s.offer_id = l.offer_id and s.hub_id = l.hub_id and s.on_hand - s.reserved >= l.quantity
    returning l.order_id, s.offer_id, s.hub_id, l.quantity
)
insert into inventory.holds (order_id, offer_id, hub_id, quantity, expires_at)
select order_id, offer_id, hub_id, quantity, :expires_at from taken
returning order_id, offer_id, hub_id, quantity;

-- name: reserve_spread
-- As `reserve` for lines that no single hub can serve: filled from several hubs, fullest first. Too little: fewer rows.
with wanted as (
    select w.order_id, w.offer_id, w.quantity
    from unnest(:order_ids::uuid[], :offer_ids::uuid[], :quantities::int[]) as w (order_id, offer_id, quantity)
),
locked as (
    select w.order_id, s.offer_id, s.hub_id, w.quantity, s.on_hand - s.reserved as available
    from wanted w join inventory.stock s on s.offer_id = w.offer_id
    order by s.offer_id, s.hub_id
    for update of s
),
filled as (
    select l.*, coalesce(sum(l.available) over (
        partition by l.offer_id order by l.available desc, l.hub_id rows between unbounded preceding and 1 preceding), 0) as before
    from locked l where l.available > 0
),
parts as (
    select order_id, offer_id, hub_id, least(available, quantity - before)::int as quantity
    from filled where before < quantity
),
taken as (
    update inventory.stock s
    set reserved = s.reserved + p.quantity, updated_at = now()
    from parts p
    where s.offer_id = p.offer_id and s.hub_id = p.hub_id and s.on_hand - s.reserved >= p.quantity
    returning p.order_id, s.offer_id, s.hub_id, p.quantity
)
insert into inventory.holds (order_id, offer_id, hub_id, quantity, expires_at)
select order_id, offer_id, hub_id, quantity, :expires_at from taken
returning order_id, offer_id, hub_id, quantity;

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

-- name: release_part
-- A part of what an order holds of an offer goes back to sale: hub by hub, until it is enough.
with held as (
    select h.hub_id, h.quantity, coalesce(sum(h.quantity) over (order by h.hub_id rows between unbounded preceding and 1 preceding), 0) as before
    from inventory.holds h where h.order_id = :order_id and h.offer_id = :offer_id and h.state = 'reserved'
),
parts as (
    select hub_id, quantity, least(quantity, :quantity - before)::int as part from held where before < :quantity
),
freed as (
    update inventory.holds h
    set quantity = case when p.part = h.quantity then h.quantity else h.quantity - p.part end,
        state = case when p.part = h.quantity then 'released' else h.state end
    from parts p where h.order_id = :order_id and h.offer_id = :offer_id and h.hub_id = p.hub_id
)
update inventory.stock s set reserved = s.reserved - p.part, updated_at = now()
from parts p where s.offer_id = :offer_id and s.hub_id = p.hub_id
returning p.part;

-- name: return_part
-- A part of what left for an order comes back: to the shelf, or, where it is spoilt, off the books.
with held as (
    select h.hub_id, h.quantity, coalesce(sum(h.quantity) over (order by h.hub_id rows between unbounded preceding and 1 preceding), 0) as before
    from inventory.holds h where h.order_id = :order_id and h.offer_id = :offer_id and h.state = 'claimed'
),
parts as (
    select hub_id, quantity, least(quantity, :quantity - before)::int as part from held where before < :quantity
),
freed as (
    update inventory.holds h
    set quantity = case when p.part = h.quantity then h.quantity else h.quantity - p.part end,
        state = case when p.part = h.quantity then 'released' else h.state end
    from parts p where h.order_id = :order_id and h.offer_id = :offer_id and h.hub_id = p.hub_id
)
update inventory.stock s
set shipped = s.shipped - p.part, on_hand = s.on_hand + case when :is_good then p.part else 0 end,
    written_off = s.written_off + case when :is_good then 0 else p.part end, updated_at = now()
from parts p where s.offer_id = :offer_id and s.hub_id = p.hub_id
returning p.part;

-- name: lose
-- Goods that left are gone for good: the courier has lost them.
with gone as (
    select offer_id, hub_id, sum(quantity)::int as quantity
    from inventory.holds where order_id = any(:order_ids::uuid[]) and state = 'claimed'
    group by offer_id, hub_id
),
closed as (
    update inventory.holds set state = 'released' where order_id = any(:order_ids::uuid[]) and state = 'claimed'
),
locked as (
    select s.offer_id, s.hub_id, g.quantity
    from gone g join inventory.stock s on s.offer_id = g.offer_id and s.hub_id = g.hub_id
    order by s.offer_id, s.hub_id for update of s
)
update inventory.stock s
set shipped = s.shipped - l.quantity, written_off = s.written_off + l.quantity, updated_at = now()
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

-- name: note_reference
-- What the movements of this transaction are about; read by the trigger that writes them.
select set_config('getit.reference', :reference, true);

-- name: movements
-- Movements of an offer, newest first.
select id, hub_id, kind, quantity, reference, occurred_at from inventory.movements
where offer_id = :offer_id and (:before_id::bigint is null or id < :before_id::bigint) order by id desc limit :limit;

-- name: write_off
-- Goods that are broken, lost or stolen leave the books; only goods that nobody has reserved.
update inventory.stock set on_hand = on_hand - :quantity, written_off = written_off + :quantity, updated_at = now()
where offer_id = :offer_id and hub_id = :hub_id and on_hand - reserved >= :quantity
returning received, on_hand, reserved, shipped, written_off;

-- name: send_away
-- Goods leave for another hub: they count there once they have arrived.
update inventory.stock set on_hand = on_hand - :quantity, received = received - :quantity, updated_at = now()
where offer_id = :offer_id and hub_id = :hub_id and on_hand - reserved >= :quantity
returning hub_id;

-- name: add_transfer
-- Goods on their way from hub to hub.
insert into inventory.transfers (id, offer_id, from_hub_id, to_hub_id, quantity, state, sent_at)
values (:id, :offer_id, :from_hub_id, :to_hub_id, :quantity, 'sent', :now);

-- name: end_transfer
-- The goods have arrived, or have come back; once.
update inventory.transfers set state = :state, ended_at = :now where id = :id and state = 'sent'
returning offer_id, from_hub_id, to_hub_id, quantity;

-- name: find_transfer
-- A transfer.
select id, offer_id, from_hub_id, to_hub_id, quantity, state, sent_at, ended_at from inventory.transfers where id = :id;

-- name: list_transfers
-- Transfers, newest first.
select id, offer_id, from_hub_id, to_hub_id, quantity, state, sent_at, ended_at from inventory.transfers
where (:state::text is null or state = :state) and (:before_id::uuid is null or id < :before_id::uuid)
order by id desc limit :limit;

-- name: list_hubs
-- Every warehouse.
select id as hub_id, code, name, district_code from inventory.hubs order by code;

-- name: add_hub
-- A new warehouse; no row if the code is taken.
insert into inventory.hubs (id, code, name, district_code) values (:id, :code, :name, :district_code)
on conflict (code) do nothing returning id;

-- name: watch
-- Below which quantity an offer counts as low.
insert into inventory.watches (offer_id, threshold) values (:offer_id, :threshold)
on conflict (offer_id) do update set threshold = excluded.threshold;

-- name: turn_low
-- Watched offers that have just become low, or are no longer; a few at a time.
with levels as (
    select w.offer_id, w.threshold, w.is_low, coalesce(sum(s.on_hand - s.reserved), 0) as available
    from inventory.watches w left join inventory.stock s on s.offer_id = w.offer_id
    group by w.offer_id
),
turned as (
    select offer_id, threshold, available, available < threshold as is_low from levels
    where is_low <> (available < threshold) limit 200
)
update inventory.watches w set is_low = t.is_low, turned_at = :now
from turned t where w.offer_id = t.offer_id
returning w.offer_id, w.is_low, t.threshold, t.available::int as available;
