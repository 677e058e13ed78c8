-- name: own_product
-- A product as its owner may change it, locked; no row if another keeps it.
select p.id as product_id, p.title_en, p.title_bn, p.brand, p.package_size, p.category_id, p.is_active, x.title_hi,
    x.description_en, x.description_bn, x.description_hi, x.attributes, x.version,
    (select coalesce(jsonb_agg(m.sha256 order by m.position), '[]') from catalog.product_media m where m.product_id = p.id) as pictures
from catalog.products p join catalog.product_details x on x.product_id = p.id
where p.id = :product_id and x.owner_seller_id = :seller_id for update of x;

-- name: add_product
-- A product that waits for moderation; no row if the code is taken.
insert into catalog.products (id, code, category_id, title_en, title_bn, brand, package_size, is_active, created_at)
values (:id, :code, :category_id, :title_en, :title_bn, :brand, :package_size, false, :at)
on conflict do nothing returning id;

-- name: add_details
-- What else is known of a new product, and whose it is.
insert into catalog.product_details (product_id, title_hi, description_en, description_bn, description_hi, attributes,
    owner_seller_id)
values (:product_id, :title_hi, :description_en, :description_bn, :description_hi, :attributes, :owner_seller_id);

-- name: add_variants
-- Variants of a product; those it has stay as they are.
insert into catalog.variants (id, product_id, attributes, position, created_at)
select v.id, :product_id, v.attributes::jsonb, v.position, :at
from unnest(:ids::uuid[], :attributes::text[], :positions::int[]) as v (id, attributes, position)
on conflict (product_id, attributes) do nothing;

-- name: list_variants
-- Variants of a product.
select id as variant_id, attributes from catalog.variants where product_id = :product_id and is_active order by position, id;

-- name: clear_pictures
-- Take a product's pictures off, to put others in their order.
delete from catalog.product_media where product_id = :product_id;

-- name: put_pictures
-- A product's pictures in their order; only those that are kept here.
insert into catalog.product_media (product_id, position, sha256)
select :product_id, s.position - 1, s.sha256 from unnest(:pictures::text[]) with ordinality as s (sha256, position)
join catalog.media m on m.sha256 = s.sha256;

-- name: known_pictures
-- Which of some pictures are kept here.
select sha256 from catalog.media where sha256 = any(:pictures::text[]);

-- name: put_product
-- A product as the confirmed change leaves it.
update catalog.products set title_en = :title_en, title_bn = :title_bn, brand = :brand, package_size = :package_size,
    category_id = :category_id, is_active = true
where id = :product_id;

-- name: put_details
-- A product's details as the confirmed change leaves them; the version grows.
update catalog.product_details set title_hi = :title_hi, description_en = :description_en, description_bn = :description_bn,
    description_hi = :description_hi, attributes = :attributes, version = version + 1
where product_id = :product_id returning version;

-- name: add_change
-- Stage a change; no row if one is pending for the product.
insert into catalog.product_changes (id, product_id, seller_id, kind, actions, findings, base_version, submitted_by, submitted_at)
values (:id, :product_id, :seller_id, :kind, :actions, :findings, :base_version, :submitted_by, :at)
on conflict (product_id) where state = 'pending' do nothing returning id;

-- name: lock_change
-- A staged change, locked.
select c.*, c.id as change_id from catalog.product_changes c where c.id = :change_id for update;

-- name: find_change
-- A staged change.
select c.id as change_id, c.product_id, c.seller_id, c.kind, c.state, c.actions, c.findings, c.reason, c.submitted_at, c.decided_at
from catalog.product_changes c where c.id = :change_id and (:seller_id::uuid is null or c.seller_id = :seller_id);

-- name: decide_change
-- A staged change comes to its end.
update catalog.product_changes set state = :state, reason = :reason, decided_by = :decided_by, decided_at = :at where id = :change_id;

-- name: list_changes
-- Staged changes: oldest first in a state, of one seller or of all.
select c.id as change_id, c.product_id, c.seller_id, c.kind, c.state, c.actions, c.findings, c.reason, c.submitted_at, c.decided_at
from catalog.product_changes c
where (:state::text is null or c.state = :state) and (:seller_id::uuid is null or c.seller_id = :seller_id)
    and (:after_id::uuid is null or c.id > :after_id::uuid)
order by c.id limit :limit;

-- name: list_own_products
-- Products a seller keeps, newest first, with the change that waits.
select p.id as product_id, p.code, p.title_en, p.is_active as is_listed, x.version, c.id as pending_change_id
from catalog.product_details x join catalog.products p on p.id = x.product_id
left join catalog.product_changes c on c.product_id = p.id and c.state = 'pending'
where x.owner_seller_id = :seller_id and (:before_id::uuid is null or x.product_id < :before_id::uuid)
order by x.product_id desc limit :limit;

-- name: list_attributes
-- Attributes of a category and of those above it; the nearest definition of a code holds.
select distinct on (a.code) a.code, a.category_id, a.label_en, a.label_bn, a.label_hi, a.kind, a.unit, a.choices, a.is_required,
    a.is_variant, a.is_facet, a.position, a.category_id <> :category_id as is_inherited
from catalog.categories c
left join catalog.categories c1 on c1.id = c.parent_id
left join catalog.categories c2 on c2.id = c1.parent_id
join catalog.attributes a on a.category_id in (c.id, c1.id, c2.id)
where c.id = :category_id
order by a.code, case a.category_id when c.id then 0 when c1.id then 1 else 2 end;

-- name: find_category
-- A category by id.
select id, path, parent_id from catalog.categories where id = :category_id;

-- name: put_attribute
-- Define an attribute of a category, or define it anew.
insert into catalog.attributes (id, category_id, code, label_en, label_bn, label_hi, kind, unit, choices, is_required, is_variant,
    is_facet, position)
values (:id, :category_id, :code, :label_en, :label_bn, :label_hi, :kind, :unit, :choices, :is_required, :is_variant, :is_facet,
    :position)
on conflict (category_id, code) do update set label_en = excluded.label_en, label_bn = excluded.label_bn,
    label_hi = excluded.label_hi, kind = excluded.kind, unit = excluded.unit, choices = excluded.choices,
    is_required = excluded.is_required, is_variant = excluded.is_variant, is_facet = excluded.is_facet,
    position = excluded.position;

-- name: drop_attribute
-- Take an attribute's definition away; values that products have stay.
delete from catalog.attributes where category_id = :category_id and code = :code;

-- name: add_category
-- A new category; no row if its path exists.
insert into catalog.categories (id, parent_id, path, name_en, name_bn) values (:id, :parent_id, :path, :name_en, :name_bn)
on conflict do nothing returning id;

-- name: median_price
-- Median price of what a category sells.
select percentile_disc(0.5) within group (order by o.price_poisha) as median, count(*) as prices
from catalog.products p join catalog.offers o on o.product_id = p.id and o.status = 'active' where p.category_id = :category_id;

-- name: own_prices
-- What a seller asks for a product.
select o.price_poisha from catalog.offers o where o.product_id = :product_id and o.seller_id = :seller_id and o.status <> 'withdrawn';
