-- name: list_categories
-- Categories with how many products each holds, by path.
select c.id as category_id, c.path, c.name_en, c.name_bn, count(p.id) as products
from catalog.categories c left join catalog.products p on p.category_id = c.id and p.is_active
group by c.id order by c.path;

-- name: find_product
-- A product with its offers, cheapest first, and what is available of each.
select p.id as product_id, p.code, p.title_en, p.title_bn, c.path as category_path, p.brand, p.package_size, p.uom,
    p.is_synthetic, coalesce(o.offers, '[]') as offers
from catalog.products p join catalog.categories c on c.id = p.category_id
left join lateral (
    select jsonb_agg(jsonb_build_object('offer_id', f.id, 'seller_id', f.seller_id, 'seller_name', s.name,
        'price_poisha', f.price_poisha, 'available', coalesce(a.available, 0)) order by f.price_poisha, f.id) as offers
    from catalog.offers f
    join sellers.sellers s on s.id = f.seller_id and s.status = 'approved'
    left join lateral (select sum(t.on_hand - t.reserved) as available from inventory.stock t where t.offer_id = f.id) a on true
    where f.product_id = p.id and f.status = 'active'
) o on true
where p.id = :product_id and p.is_active;

-- name: list_products
-- Products by id, optionally of a category subtree or a seller, with their offers.
select p.id as product_id, p.code, p.title_en, p.title_bn, c.path as category_path, p.brand, p.package_size, p.uom,
    p.is_synthetic, 0::float as rank, coalesce(o.offers, '[]') as offers
from (
    select p.* from catalog.products p join catalog.categories c on c.id = p.category_id
    where p.is_active
        and (:category::text is null or c.path = :category or starts_with(c.path, :category || ' > '))
        and (:seller_id::uuid is null or exists (
            select 1 from catalog.offers f where f.product_id = p.id and f.seller_id = :seller_id and f.status = 'active'))
        and (:after_id::uuid is null or p.id > :after_id::uuid)
    order by p.id limit :limit
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
order by p.id;
