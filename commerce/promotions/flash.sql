-- name: count_purchase
-- Count what a buyer buys of a flash slot; no row if that were more than the cap. The row lock orders parallel requests.
insert into promotions.flash_purchases as p (slot_id, buyer_id, quantity)
select f.id, :buyer_id, :quantity from promotions.flash_slots f where f.id = :slot_id and :quantity <= f.per_buyer
on conflict (slot_id, buyer_id) do update set quantity = p.quantity + excluded.quantity
where p.quantity + excluded.quantity <= (select f.per_buyer from promotions.flash_slots f where f.id = :slot_id)
returning quantity;

-- name: note_use
-- What an order group took of a slot.
insert into promotions.flash_uses (group_id, slot_id, buyer_id, quantity) values (:group_id, :slot_id, :buyer_id, :quantity);

-- name: give_back
-- A cancelled group no longer counts against its buyer's cap; once.
with gone as (
    update promotions.flash_uses set given_back_at = now() where group_id = :group_id and given_back_at is null
    returning slot_id, buyer_id, quantity
)
update promotions.flash_purchases p set quantity = p.quantity - g.quantity
from gone g where p.slot_id = g.slot_id and p.buyer_id = g.buyer_id;

-- name: add_slot
-- Plan a flash slot.
insert into promotions.flash_slots
    (id, campaign_id, seller_id, offer_id, price_poisha, quantity, per_buyer, admit_at_once, admit_per_second, starts_at, ends_at)
values (:id, :campaign_id, :seller_id, :offer_id, :price_poisha, :quantity, :per_buyer, :admit_at_once, :admit_per_second,
        :starts_at, :ends_at);

-- name: overlapping
-- A slot of the same offer at the same time.
select id from promotions.flash_slots
where offer_id = :offer_id and state in ('planned', 'open') and starts_at < :ends_at and :starts_at < ends_at limit 1;

-- name: own_offer
-- The offer with its price, if it is the seller's.
select id, price_poisha from catalog.offers where id = :offer_id and seller_id = :seller_id and status = 'active';

-- name: find_slot
-- A slot with what is left of it.
select f.*, (select coalesce(sum(b.quantity - b.taken), 0)::int from inventory.set_aside_buckets b
    where b.set_aside_id = f.id) as left_over
from promotions.flash_slots f where f.id = :id;

-- name: list_slots
-- Slots that run or are to come, soonest first; or a seller's own, all of them.
select f.id, f.offer_id, f.seller_id, f.price_poisha, f.quantity, f.per_buyer, f.state, f.starts_at, f.ends_at,
    f.admit_per_second is not null as has_queue,
    (select coalesce(sum(b.quantity - b.taken), 0)::int from inventory.set_aside_buckets b where b.set_aside_id = f.id) as left_over
from promotions.flash_slots f
where (:seller_id::uuid is not null and f.seller_id = :seller_id or :seller_id::uuid is null and f.state in ('planned', 'open') and f.ends_at > :now)
    and (:after_at::timestamptz is null or (f.starts_at, f.id) > (:after_at::timestamptz, :after_id::uuid))
order by f.starts_at, f.id limit :limit;

-- name: due_to_open
-- A planned slot whose time has come.
select id, offer_id, quantity from promotions.flash_slots
where state = 'planned' and starts_at <= :now order by starts_at limit 1 for update skip locked;

-- name: due_to_close
-- An open slot whose time is over.
select id, offer_id, quantity from promotions.flash_slots
where state = 'open' and ends_at <= :now order by ends_at limit 1 for update skip locked;

-- name: set_state
-- Move a slot on.
update promotions.flash_slots set state = :state where id = :id;

-- name: draw_ticket
-- A place in a slot's queue; the same one when asked again.
with mine as (
    select ticket_no from promotions.queue_tickets where slot_id = :slot_id and buyer_id = :buyer_id
),
counted as (
    insert into promotions.queue_counters as c (slot_id, drawn)
    select :slot_id, 1 where not exists (select from mine)
    on conflict (slot_id) do update set drawn = c.drawn + 1 returning drawn
),
drawn as (
    insert into promotions.queue_tickets (slot_id, buyer_id, ticket_no)
    select :slot_id, :buyer_id, drawn from counted
    on conflict do nothing returning ticket_no
)
select ticket_no from mine union all select ticket_no from drawn;

-- name: left_of
-- What is left of slots.
select b.set_aside_id as id, sum(b.quantity - b.taken)::int as quantity
from inventory.set_aside_buckets b where b.set_aside_id = any(:ids::uuid[]) group by b.set_aside_id;
