-- name: put_line
-- Set the quantity of an offer in the cart, noting the price seen; no row if the offer is not sold.
insert into cart.cart_lines (buyer_id, offer_id, quantity, seen_price_poisha)
select :buyer_id, o.id, :quantity, o.price_poisha from catalog.offers o where o.id = :offer_id and o.status = 'active'
on conflict (buyer_id, offer_id) do update set quantity = excluded.quantity
returning offer_id;

-- name: remove_line
-- Take an offer out of the cart.
delete from cart.cart_lines where buyer_id = :buyer_id and offer_id = :offer_id;

-- name: clear
-- Empty the cart.
delete from cart.cart_lines where buyer_id = :buyer_id;

-- name: cart_quantities
-- What is in the cart.
select offer_id, quantity from cart.cart_lines where buyer_id = :buyer_id;

-- name: show
-- The cart with today's prices and what is available.
select l.offer_id, l.quantity, l.seen_price_poisha, o.price_poisha, o.product_id, o.seller_id, s.name as seller_name,
    p.title_en, p.title_bn, o.status = 'active' and s.status = 'approved' as is_sold, coalesce(a.available, 0) as available
from cart.cart_lines l
join catalog.offers o on o.id = l.offer_id
join catalog.products p on p.id = o.product_id
join sellers.sellers s on s.id = o.seller_id
left join lateral (select sum(t.on_hand - t.reserved) as available from inventory.stock t where t.offer_id = o.id) a on true
where l.buyer_id = :buyer_id order by l.added_at, l.offer_id;
