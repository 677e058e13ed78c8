-- name: list_categories
-- Categories with how many products each holds, by path.
select c.id as category_id, c.path, c.name_en, c.name_bn, count(p.id) as products
from catalog.categories c left join catalog.products p on p.category_id = c.id and p.is_active
group by c.id order by c.path;

-- name: find_product
-- A product with its offers, cheapest first, what is available of each, and the lowest price in the 30 days before a price
-- that is shown beside a crossed-out one.
select p.id as product_id, p.code, p.title_en, p.title_bn, x.title_hi, x.description_en, x.description_bn, x.description_hi,
    coalesce(x.attributes, '{}') as attributes, coalesce(x.version, 1) as version, c.path as category_path, p.category_id,
    p.brand, p.package_size, p.uom, p.is_synthetic, coalesce(o.offers, '[]') as offers,
    (select coalesce(jsonb_agg(jsonb_build_object('variant_id', v.id, 'attributes', v.attributes) order by v.position, v.id), '[]')
     from catalog.variants v where v.product_id = p.id and v.is_active) as variants,
    (select coalesce(jsonb_agg('/v1/media/' || m.sha256 order by m.position), '[]')
     from catalog.product_media m where m.product_id = p.id) as pictures,
    r.rating_centi, coalesce(r.ratings, 0) as ratings
from catalog.products p join catalog.categories c on c.id = p.category_id
left join catalog.product_details x on x.product_id = p.id
left join reviews.product_ratings r on r.product_id = p.id
left join lateral (
    select jsonb_agg(jsonb_build_object('offer_id', f.id, 'seller_id', f.seller_id, 'seller_name', s.name,
        'price_poisha', f.price_poisha, 'available', coalesce(a.available, 0), 'variant_id', f.variant_id,
        'list_price_poisha', f.list_price_poisha, 'condition', f.condition, 'handling_days', f.handling_days,
        'score_bp', coalesce(g.score_bp, 8000), 'lowest_30d_poisha', l.lowest) order by f.price_poisha, f.id) as offers
    from catalog.offers f
    join sellers.sellers s on s.id = f.seller_id and s.status = 'approved'
    left join catalog.seller_standings g on g.seller_id = f.seller_id
    left join lateral (select sum(t.on_hand - t.reserved) as available from inventory.stock t where t.offer_id = f.id) a on true
    left join lateral (
        select min(h.price_poisha) as lowest
        from (select h.price_poisha, h.from_at, lead(h.from_at, 1, 'infinity') over (order by h.from_at, h.id) as until_at,
                max(h.from_at) over () as now_from_at
              from catalog.price_history h where h.offer_id = f.id) as h
        where f.list_price_poisha is not null and h.from_at < h.now_from_at
            and h.until_at > h.now_from_at - interval '30 days'
    ) l on true
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
