-- name: next_products
-- Ids of products after one, in order: the way of a rebuild through the catalogue.
select p.id from catalog.products p where p.id > :after_id::uuid order by p.id limit :limit;

-- name: facts
-- All that a document is made of. A product that is not for sale gives no row.
select p.id as product_id, p.title_en, p.title_bn, x.title_hi, x.description_en, x.description_bn, x.description_hi,
    coalesce(x.attributes, '{}') as attributes, p.brand, p.package_size, p.created_at, c.path as category_path,
    c.name_bn as category_bn, array_remove(array[c.id, c1.id, c2.id], null) as category_ids,
    coalesce(v.variants, '[]') as variants, coalesce(o.offers, '[]') as offers,
    coalesce(d.units_ordered, 0) as units_ordered, r.rating_centi, coalesce(r.ratings, 0) as ratings
from unnest(:product_ids::uuid[]) as w (id)
join catalog.products p on p.id = w.id and p.is_active
join catalog.categories c on c.id = p.category_id
left join catalog.categories c1 on c1.id = c.parent_id
left join catalog.categories c2 on c2.id = c1.parent_id
left join catalog.product_details x on x.product_id = p.id
left join search.documents d on d.product_id = p.id
left join reviews.product_ratings r on r.product_id = p.id
left join lateral (
    select jsonb_agg(v.attributes) as variants from catalog.variants v
    where v.product_id = p.id and v.is_active and v.attributes <> '{}'
) v on true
left join lateral (
    select jsonb_agg(jsonb_build_object('offer_id', f.id, 'seller_id', f.seller_id, 'variant_id', f.variant_id,
        'price_poisha', f.price_poisha, 'handling_days', f.handling_days, 'condition', f.condition,
        'score_bp', coalesce(g.score_bp, 8000), 'available', coalesce(a.available, 0))) as offers
    from catalog.offers f
    join sellers.sellers s on s.id = f.seller_id and s.status = 'approved'
    left join catalog.seller_standings g on g.seller_id = f.seller_id
    left join lateral (select sum(t.on_hand - t.reserved)::int as available from inventory.stock t where t.offer_id = f.id) a on true
    where f.product_id = p.id and f.status = 'active'
) o on true;

-- name: put_documents
-- Write documents; those that say the same as before are left alone.
insert into search.documents (product_id, words, filters, variants, quality, price_poisha, offer_id, seller_id,
    is_in_stock, units_ordered, rating_centi, ratings, created_at)
select d.product_id, d.words::tsvector, string_to_array(d.filters, chr(31)), d.variants::jsonb, d.quality, d.price_poisha, d.offer_id,
    d.seller_id, d.is_in_stock, d.units_ordered, d.rating_centi, d.ratings, d.created_at
from unnest(:product_ids::uuid[], :words::text[], :filters::text[], :variants::text[], :qualities::real[],
    :prices::bigint[], :offer_ids::uuid[], :seller_ids::uuid[], :stocked::bool[], :units::bigint[],
    :stars::smallint[], :ratings::int[], :created::timestamptz[])
    as d (product_id, words, filters, variants, quality, price_poisha, offer_id, seller_id, is_in_stock, units_ordered,
          rating_centi, ratings, created_at)
on conflict (product_id) do update set words = excluded.words, filters = excluded.filters, variants = excluded.variants,
    quality = excluded.quality, price_poisha = excluded.price_poisha, offer_id = excluded.offer_id,
    seller_id = excluded.seller_id, is_in_stock = excluded.is_in_stock, rating_centi = excluded.rating_centi,
    ratings = excluded.ratings
where (documents.words, documents.filters, documents.variants, documents.quality, documents.price_poisha, documents.offer_id,
       documents.is_in_stock) is distinct from (excluded.words, excluded.filters, excluded.variants, excluded.quality,
       excluded.price_poisha, excluded.offer_id, excluded.is_in_stock);

-- name: drop_documents
-- Take products that are no longer for sale out of search.
delete from search.documents where product_id = any(:product_ids::uuid[]);

-- name: drop_orphans
-- Take documents whose product is gone or hidden out of search.
delete from search.documents d
where not exists (select 1 from catalog.products p where p.id = d.product_id and p.is_active);

-- name: add_words
-- Words of new documents that the vocabulary lacks; the lacking ones come back.
insert into search.words (word, documents) select w.word, w.documents
from unnest(:words::text[], :counts::int[]) as w (word, documents)
on conflict (word) do nothing
returning word;

-- name: lock_words
-- One at a time rebuilds the vocabulary; released with the transaction.
select pg_advisory_xact_lock(hashtextextended('search.words', 0));

-- name: recount_words
-- The vocabulary as the documents have it now.
with counted as (select word, ndoc from ts_stat('select words from search.documents')),
gone as (delete from search.words w where not exists (select 1 from counted c where c.word = w.word)),
gone_sounds as (delete from search.sounds s where not exists (select 1 from counted c where c.word = s.word))
insert into search.words (word, documents) select word, ndoc from counted
on conflict (word) do update set documents = excluded.documents where words.documents <> excluded.documents;

-- name: silent_words
-- Words whose sounds are not known yet.
select w.word from search.words w where not exists (select 1 from search.sounds s where s.word = w.word);

-- name: add_sounds
-- Sounds of words.
insert into search.sounds (key, word, is_cut)
select s.key, s.word, s.is_cut from unnest(:keys::text[], :words::text[], :cuts::bool[]) as s (key, word, is_cut)
on conflict do nothing;

-- name: clear_phrases
-- Forget what is suggested, to write it anew.
delete from search.phrases;

-- name: phrase_sources
-- What can be suggested: categories, brands, titles, with how much stands behind each.
select distinct on (kind, lower(phrase)) kind, phrase, weight from (
    select 'category' as kind, c.name_en as phrase, 1000 + count(d.product_id)::int as weight
    from catalog.categories c join catalog.products p on p.category_id = c.id
    join search.documents d on d.product_id = p.id group by c.id
    union all
    select 'category', c.name_bn, 1000 + count(d.product_id)::int
    from catalog.categories c join catalog.products p on p.category_id = c.id
    join search.documents d on d.product_id = p.id where c.name_bn is not null group by c.id
    union all
    select 'brand', p.brand, count(*)::int from catalog.products p join search.documents d on d.product_id = p.id
    where p.brand is not null group by p.brand
    union all
    select 'title', t.title, count(*)::int + max(least(d.units_ordered, 500))::int
    from catalog.products p join search.documents d on d.product_id = p.id
    cross join lateral (values (p.title_en), (p.title_bn)) as t (title) where t.title is not null group by t.title
) as s order by kind, lower(phrase), weight desc;

-- name: add_phrases
-- Write what is suggested; of two phrases typed alike the weightier stays.
insert into search.phrases (typed, phrase, kind, weight)
select p.typed, p.phrase, p.kind, p.weight
from unnest(:typed::text[], :phrases::text[], :kinds::text[], :weights::int[]) as p (typed, phrase, kind, weight)
on conflict (typed, kind) do update set weight = greatest(phrases.weight, excluded.weight);

-- name: ordered_units
-- Units ordered of each product since the shop opened, below the horizon, where its document does not say so.
select d.product_id, o.units
from search.documents d
join (select l.product_id, sum(l.quantity)::bigint as units
    from orders.order_lines l where l.changed_xid < :hi::xid8 group by l.product_id) as o using (product_id)
where d.units_ordered <> o.units
order by d.product_id;

-- name: set_units
-- Units ordered, into the documents.
update search.documents d set units_ordered = o.units
from unnest(:product_ids::uuid[], :units::bigint[]) as o (product_id, units) where d.product_id = o.product_id;

-- name: add_orders
-- Units of lines written since the last look, added to the documents.
update search.documents d set units_ordered = d.units_ordered + o.units
from (select l.product_id, sum(l.quantity)::bigint as units
    from orders.order_lines l where l.changed_xid >= :lo::xid8 and l.changed_xid < :hi::xid8 group by l.product_id) as o
where d.product_id = o.product_id;

-- name: changed_products
-- Products whose words, offers, stock, seller or rating changed in transactions of a closed set.
select p.id from catalog.products p where p.changed_xid >= :lo::xid8 and p.changed_xid < :hi::xid8
union
select o.product_id from catalog.offers o where o.changed_xid >= :lo::xid8 and o.changed_xid < :hi::xid8
union
select o.product_id from inventory.stock t join catalog.offers o on o.id = t.offer_id
where t.changed_xid >= :lo::xid8 and t.changed_xid < :hi::xid8
union
select o.product_id from sellers.sellers s join catalog.offers o on o.seller_id = s.id
where s.changed_xid >= :lo::xid8 and s.changed_xid < :hi::xid8
union
select p.id from catalog.categories c join catalog.products p on p.category_id = c.id
where c.changed_xid >= :lo::xid8 and c.changed_xid < :hi::xid8
union
select r.product_id from reviews.product_ratings r where r.changed_xid >= :lo::xid8 and r.changed_xid < :hi::xid8
limit :limit;

-- name: has_documents
-- Whether search was ever filled.
select exists (select 1 from search.documents) as has_documents;
