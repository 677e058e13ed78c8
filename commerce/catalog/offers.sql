-- name: sellable_product
-- A product on which a seller may make an offer: one for sale, or the seller's own still waiting.
select p.id, (select count(*) from catalog.variants v where v.product_id = p.id and v.is_active and v.attributes <> '{}') as variants,
    (select count(*) from catalog.variants v where v.product_id = p.id and v.id = :variant_id::uuid and v.is_active) as chosen
from catalog.products p left join catalog.product_details x on x.product_id = p.id
where p.id = :product_id and (p.is_active or x.owner_seller_id = :seller_id);

-- name: add_offer
-- A new offer; no row if the seller has this one or the number already.
insert into catalog.offers (id, product_id, seller_id, variant_id, sku, price_poisha, list_price_poisha, condition,
    handling_days, status, created_at, updated_at)
values (:id, :product_id, :seller_id, :variant_id, :sku, :price_poisha, :list_price_poisha, :condition, :handling_days,
    'active', :at, :at)
on conflict do nothing returning id;

-- name: find_offer
-- A seller's offer; no row if it is another's.
select o.id as offer_id, o.product_id, o.variant_id, o.sku, o.price_poisha, o.list_price_poisha, o.condition, o.handling_days,
    o.status, o.version, o.created_at, o.updated_at, p.title_en, p.title_bn, p.is_active as is_listed
from catalog.offers o join catalog.products p on p.id = o.product_id where o.id = :offer_id and o.seller_id = :seller_id;

-- name: lock_offer
-- As find_offer, locked.
select o.* from catalog.offers o where o.id = :offer_id and o.seller_id = :seller_id for update;

-- name: change_offer
-- Write an offer's new terms; the version grows.
update catalog.offers set sku = :sku, price_poisha = :price_poisha, list_price_poisha = :list_price_poisha,
    condition = :condition, handling_days = :handling_days, status = :status, version = version + 1, updated_at = :at
where id = :id;

-- name: list_offers
-- A seller's offers, newest first.
select o.id as offer_id, o.product_id, o.variant_id, o.sku, o.price_poisha, o.list_price_poisha, o.condition, o.handling_days,
    o.status, o.version, o.created_at, o.updated_at, p.title_en, p.title_bn, p.is_active as is_listed
from catalog.offers o join catalog.products p on p.id = o.product_id
where o.seller_id = :seller_id and (:status::text is null or o.status = :status)
    and (:before_id::uuid is null or o.id < :before_id::uuid)
order by o.id desc limit :limit;

-- name: note_price
-- Append a price; the first change also notes what the offer cost from its beginning.
insert into catalog.price_history (id, offer_id, price_poisha, from_at, changed_by)
select h.id, :offer_id, h.price_poisha, h.from_at, :changed_by
from (values (:first_id::uuid, :old_price::bigint, :created_at::timestamptz, true),
             (:id::uuid, :new_price::bigint, :at::timestamptz, false)) as h (id, price_poisha, from_at, is_first)
where not h.is_first or (h.price_poisha is not null
    and not exists (select 1 from catalog.price_history p where p.offer_id = :offer_id));

-- name: list_prices
-- What an offer cost, newest first, each price until the next.
select price_poisha, from_at, until_at, changed_by from (
    select h.id, h.price_poisha, h.from_at, lead(h.from_at) over (order by h.from_at, h.id) as until_at, h.changed_by
    from catalog.price_history h where h.offer_id = :offer_id) as h
where (:before_at::timestamptz is null or h.from_at < :before_at::timestamptz)
order by from_at desc limit :limit;

-- name: seller_titles
-- Names for messages: of an offer's product.
select p.title_en from catalog.products p where p.id = :product_id;

-- name: count_standings
-- How well each seller served in the last 90 days: delivered parts of what came to an end, few orders pulled to 80 %.
insert into catalog.seller_standings (seller_id, score_bp, orders, counted_at)
select o.seller_id, (10000 * (count(*) filter (where o.status = 'delivered') + 16) / (count(*) + 20))::int, count(*)::int, :at
from orders.orders o where o.closed_at >= :since and o.status in ('delivered', 'refused', 'cancelled') group by o.seller_id
on conflict (seller_id) do update set score_bp = excluded.score_bp, orders = excluded.orders, counted_at = excluded.counted_at;

-- name: standings_age
-- When the standings were last counted.
select max(counted_at) as counted_at from catalog.seller_standings;
