-- name: search_products
-- Products whose words begin with the query's words, best first, with their offers.
select p.id as product_id, p.code, p.title_en, p.title_bn, c.path as category_path, p.brand, p.package_size, p.uom,
    p.is_synthetic, p.rank, coalesce(o.offers, '[]') as offers
from (
    select p.*, ts_rank(p.search_text, q.query)::float as rank
    from catalog.products p join catalog.categories c on c.id = p.category_id,
        to_tsquery('simple', :terms) as q (query)
    where p.is_active and p.search_text @@ q.query
        and (:category::text is null or c.path = :category or starts_with(c.path, :category || ' > '))
        and (:seller_id::uuid is null or exists (
            select 1 from catalog.offers f where f.product_id = p.id and f.seller_id = :seller_id and f.status = 'active'))
        and (:after_rank::float is null
             or (-ts_rank(p.search_text, q.query)::float, p.id) > (-:after_rank::float, :after_id::uuid))
    order by rank desc, p.id limit :limit
) p
join catalog.categories c on c.id = p.category_id
left join lateral (
    select jsonb_agg(jsonb_build_object('offer_id', f.id, 'seller_id', f.seller_id, 'seller_name', s.name,
        'price_poisha', f.price_poisha, 'available', coalesce(a.available, 0)) order by f.price_poisha, f.id) as offers
    from catalog.offers f
    join sellers.sellers s on s.id = f.seller_id and s.status = 'approved'
    left join lateral (select sum(t.on_hand - t.reserved) as available from inventory.stock t where t.offer_id = f.id) a on true
    where f.product_id = p.id and f.status = 'active'
) o on true
order by p.rank desc, p.id;
