-- name: put_line
-- Set the quantity of an offer in the cart, noting the price seen; no row if the offer is not sold.
insert into cart.cart_lines as l (buyer_id, offer_id, quantity, seen_price_poisha, is_saved)
select :buyer_id, o.id, :quantity, o.price_poisha, coalesce(:is_saved::boolean, false)
from catalog.offers o where o.id = :offer_id and o.status = 'active'
on conflict (buyer_id, offer_id) do update
set quantity = excluded.quantity, is_saved = coalesce(:is_saved::boolean, l.is_saved)
returning offer_id;

-- name: remove_line
-- Take an offer out of the cart.
delete from cart.cart_lines where buyer_id = :buyer_id and offer_id = :offer_id;

-- name: clear
-- Empty the cart; what is saved for later stays.
delete from cart.cart_lines where buyer_id = :buyer_id and not is_saved;

-- name: cart_quantities
-- What is in the cart.
select offer_id, quantity from cart.cart_lines where buyer_id = :buyer_id and not is_saved;

-- name: accept_prices
-- The shopper has seen today's prices.
update cart.cart_lines l set seen_price_poisha = o.price_poisha
from catalog.offers o where l.buyer_id = :buyer_id and o.id = l.offer_id and l.seen_price_poisha <> o.price_poisha;

-- name: merge
-- Move a guest's cart into an account's: of an offer in both, the larger quantity.
with moved as (
    delete from cart.cart_lines where buyer_id = :guest_id returning offer_id, quantity, seen_price_poisha, is_saved, added_at
)
insert into cart.cart_lines as l (buyer_id, offer_id, quantity, seen_price_poisha, is_saved, added_at)
select :buyer_id, offer_id, quantity, seen_price_poisha, is_saved, added_at from moved
on conflict (buyer_id, offer_id) do update
set quantity = greatest(l.quantity, excluded.quantity), is_saved = l.is_saved and excluded.is_saved;

-- name: refill
-- Put the offers of an earlier order into the cart; those that are not sold any more are left out.
insert into cart.cart_lines as l (buyer_id, offer_id, quantity, seen_price_poisha)
select :buyer_id, o.id, w.quantity, o.price_poisha
from unnest(:offer_ids::uuid[], :quantities::int[]) as w (offer_id, quantity)
join catalog.offers o on o.id = w.offer_id and o.status = 'active'
on conflict (buyer_id, offer_id) do update set quantity = least(1000, l.quantity + excluded.quantity), is_saved = false
returning offer_id;

-- name: show
-- The cart with today's prices and what is available.
select l.offer_id, l.quantity, l.seen_price_poisha, l.is_saved, o.price_poisha, o.product_id, o.seller_id,
    s.name as seller_name, p.title_en, p.title_bn, o.status = 'active' and s.status = 'approved' as is_sold,
    coalesce(a.available, 0)::int as available
from cart.cart_lines l
join catalog.offers o on o.id = l.offer_id
join catalog.products p on p.id = o.product_id
join sellers.sellers s on s.id = o.seller_id
left join lateral (select sum(t.on_hand - t.reserved) as available from inventory.stock t where t.offer_id = o.id) a on true
where l.buyer_id = :buyer_id order by l.added_at, l.offer_id;
