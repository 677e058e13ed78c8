-- name: reserve_for
-- Reserve for a set-aside in the hub that has most of an offer.
with picked as (
    select offer_id, hub_id from inventory.stock
    where offer_id = :offer_id and on_hand - reserved >= :quantity
    order by on_hand - reserved desc, hub_id limit 1 for update
)
update inventory.stock s set reserved = s.reserved + :quantity, updated_at = now()
from picked p where s.offer_id = p.offer_id and s.hub_id = p.hub_id and s.on_hand - s.reserved >= :quantity
returning s.hub_id;

-- name: open
-- A set-aside with its buckets.
with opened as (
    insert into inventory.set_asides (id, offer_id, hub_id, quantity) values (:id, :offer_id, :hub_id, :quantity)
)
insert into inventory.set_aside_buckets (set_aside_id, bucket_no, quantity)
select :id, b.bucket_no, b.quantity from unnest(:quantities::int[]) with ordinality as b (quantity, bucket_no);

-- name: take_free
-- Take from one bucket that nobody else is taking from at this moment; no row if there is none.
with picked as (
    select set_aside_id, bucket_no from inventory.set_aside_buckets
    where set_aside_id = :set_aside_id and quantity - taken >= :quantity
    order by random() limit 1 for update skip locked
),
taken as (
    update inventory.set_aside_buckets b set taken = b.taken + :quantity
    from picked p where b.set_aside_id = p.set_aside_id and b.bucket_no = p.bucket_no and b.quantity - b.taken >= :quantity
    returning b.set_aside_id
)
insert into inventory.holds (order_id, offer_id, hub_id, quantity, expires_at)
select :order_id, a.offer_id, a.hub_id, :quantity, :expires_at
from taken t join inventory.set_asides a on a.id = t.set_aside_id and a.closed_at is null
returning hub_id;

-- name: take_any
-- Take from several buckets, waiting for each in order; no row if all together hold too little.
with locked as (
    select set_aside_id, bucket_no, quantity - taken as available from inventory.set_aside_buckets
    where set_aside_id = :set_aside_id order by bucket_no for update
),
filled as (
    select *, coalesce(sum(available) over (order by bucket_no rows between unbounded preceding and 1 preceding), 0) as before,
        sum(available) over () as total
    from locked
),
taken as (
    update inventory.set_aside_buckets b set taken = b.taken + least(f.available, :quantity - f.before)::int
    from filled f
    where b.set_aside_id = f.set_aside_id and b.bucket_no = f.bucket_no and f.available > 0 and f.before < :quantity
        and f.total >= :quantity
    returning b.set_aside_id
)
insert into inventory.holds (order_id, offer_id, hub_id, quantity, expires_at)
select :order_id, a.offer_id, a.hub_id, :quantity, :expires_at
from (select distinct set_aside_id from taken) t join inventory.set_asides a on a.id = t.set_aside_id and a.closed_at is null
returning hub_id;

-- name: left
-- What is left of open set-asides.
select a.id, sum(b.quantity - b.taken)::int as quantity
from inventory.set_asides a join inventory.set_aside_buckets b on b.set_aside_id = a.id
where a.id = any(:ids::uuid[]) and a.closed_at is null group by a.id;

-- name: close
-- Close a set-aside once. Its buckets are locked and shrunk to what was taken, so that a sale that waited finds nothing.
with buckets as (
    select bucket_no, quantity - taken as rest from inventory.set_aside_buckets
    where set_aside_id = :id order by bucket_no for update
),
shrunk as (
    update inventory.set_aside_buckets b set quantity = b.taken
    from buckets k where b.set_aside_id = :id and b.bucket_no = k.bucket_no
    returning k.rest
),
closed as (
    update inventory.set_asides a set closed_at = now()
    where a.id = :id and a.closed_at is null
    returning a.offer_id, a.hub_id, (select coalesce(sum(rest), 0)::int from shrunk) as rest
)
update inventory.stock s set reserved = s.reserved - c.rest, updated_at = now()
from closed c where s.offer_id = c.offer_id and s.hub_id = c.hub_id
returning c.rest as quantity;
