-- name: resolve
-- Words of the vocabulary that a query's words may stand for: the same, alike in sound, begun by it, one letter away.
select a.n, 'exact' as how, w.word, w.documents
from unnest(:ns::int[], :words::text[]) as a (n, word) join search.words w on w.word = a.word
union all
select a.n, 'sound', w.word, w.documents
from unnest(:key_ns::int[], :keys::text[]) as a (n, key)
join search.sounds s on s.key = a.key and not s.is_cut join search.words w on w.word = s.word
union all
select a.n, 'prefix', w.word, w.documents
from unnest(:prefix_ns::int[], :prefixes::text[], :prefix_ends::text[]) as a (n, low, high)
cross join lateral (select word, documents from search.words where word >= a.low and word < a.high
    order by documents desc limit 8) as w
union all
select a.n, 'near', w.word, w.documents
from unnest(:cut_ns::int[], :cuts::text[]) as a (n, key)
join search.sounds s on s.key = a.key join search.words w on w.word = s.word;

-- name: resolve_alike
-- Words whose sound shares most trigrams with the one asked for: two errors and more, parts left out.
select a.n, 'alike' as how, w.word, w.documents
from unnest(:key_ns::int[], :keys::text[]) as a (n, key)
cross join lateral (
    select s.word from search.sounds s where s.key %% a.key and not s.is_cut
    order by similarity(s.key, a.key) desc limit 12) as s
join search.words w on w.word = s.word;

-- name: find
-- Products that match, the best of them with facets: `matched` are places of them (narrow), `top` the best by what is
-- known beforehand, which alone are scored by their text, counted into facets and sorted.
with matched as materialized (
    {matched}
),
top as materialized (
    select d.product_id, d.filters, d.price_poisha, d.offer_id, d.seller_id, d.is_in_stock, d.rating_centi, d.ratings,
        d.created_at, d.quality, d.units_ordered, {score} as score
    from search.documents d
    where d.ctid = any(array(select place from matched order by sort_key {direction} limit :candidates))
),
hits as (
    select t.*, p.title_en, p.title_bn, x.title_hi, p.brand, p.package_size, c.path as category_path, m.sha256 as picture
    from (select * from top t where {after} order by {order} limit :limit) as t
    join catalog.products p on p.id = t.product_id
    join catalog.categories c on c.id = p.category_id
    left join catalog.product_details x on x.product_id = t.product_id
    left join catalog.product_media m on m.product_id = t.product_id and m.position = 0
)
select {total} as total,
    (select jsonb_agg(jsonb_build_object('product_id', h.product_id, 'title_en', h.title_en, 'title_bn', h.title_bn,
        'title_hi', h.title_hi, 'brand', h.brand, 'package_size', h.package_size, 'category_path', h.category_path,
        'price_poisha', h.price_poisha, 'offer_id', h.offer_id, 'seller_id', h.seller_id, 'is_in_stock', h.is_in_stock,
        'rating_centi', h.rating_centi, 'ratings', h.ratings, 'picture', h.picture, 'score', h.score,
        'units_ordered', h.units_ordered, 'created_at', h.created_at) order by {hit_order}) from hits h) as hits,
    {facets} as facets;

-- name: matched_all
-- Every match: counted and sorted in one reading.
select d.ctid as place, {order_key} as sort_key from search.documents d where {condition}

-- name: matched_best
-- The best matches only, for searches that so many match that reading them in their order ends soonest.
select d.ctid as place, {order_key} as sort_key from search.documents d where {condition}
    order by {order_key} {direction} limit :candidates

-- name: total_counted
-- How many match, counted no further than is told.
(select count(*) from (select 1 from search.documents d where {condition} limit 10001) as c)

-- name: facets
-- How many of the best matches each filter would leave: the most frequent of each sort.
(select jsonb_agg(jsonb_build_array(f.token, f.products, coalesce(c.path, s.name), c.name_bn) order by f.place) from (
    select token, count(*) as products, row_number() over (
        partition by case when left(token, 1) = 'a' then split_part(token, ':', 1) else left(token, 1) end
        order by count(*) desc, token) as place
    from (select unnest(filters) as token from top) as t group by token
) as f
left join catalog.categories c on c.id = case when left(f.token, 2) = 'c=' then substr(f.token, 3)::uuid end
left join sellers.sellers s on s.id = case when left(f.token, 2) = 's=' then substr(f.token, 3)::uuid end
where f.place <= 20)

-- name: count_tokens
-- Facets of one sort alone, as if it were not filtered by.
with top as (
    select d.filters from search.documents d where d.ctid = any(array(
        select d.ctid from search.documents d where {condition} order by d.quality desc limit :candidates))
)
select f.token, f.products, coalesce(c.path, s.name) as name, c.name_bn from (
    select token, count(*) as products from (select unnest(filters) as token from top) as t
    where starts_with(token, :prefix) group by token order by products desc, token limit 20
) as f
left join catalog.categories c on c.id = case when left(f.token, 2) = 'c=' then substr(f.token, 3)::uuid end
left join sellers.sellers s on s.id = case when left(f.token, 2) = 's=' then substr(f.token, 3)::uuid end;

-- name: suggest
-- Phrases that begin as typed, the weightiest first.
select phrase, kind, weight from search.phrases where typed >= :low and typed < :high order by weight desc, typed limit :limit;
