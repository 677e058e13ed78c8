-- name: lock_source
-- One import of a source at a time; released with the transaction.
select pg_advisory_xact_lock(hashtextextended('imports:' || :source, 0));

-- name: find_run
-- The import of this very file under this very mapping, if there was one.
select id::text as id, report, started_at, finished_at from imports.runs
where source = :source and file_sha256 = :file_sha256 and mapping_sha256 = :mapping_sha256;

-- name: first_shift
-- By how many days the history of this source was moved before: later files must move alike.
select (report ->> 'shift_days')::int as shift_days from imports.runs
where source = :source order by started_at limit 1;

-- name: add_run
-- Record a finished import.
insert into imports.runs (id, source, file_name, file_sha256, mapping_sha256, report, started_at, finished_at)
values (:id, :source, :file_name, :file_sha256, :mapping_sha256, :report, :started_at, clock_timestamp());

-- name: known_sellers
-- Sellers by code.
select id::text as id, code, commission_bp from sellers.sellers;

-- name: known_products
-- Products by code.
select id::text as id, code from catalog.products;

-- name: known_categories
-- Categories by path.
select id::text as id, path from catalog.categories;

-- name: known_hubs
-- Hubs by code.
select id::text as id, code, district_code from inventory.hubs;

-- name: known_offers
-- Offers by product and seller.
select id::text as id, product_id::text as product_id, seller_id::text as seller_id, price_poisha from catalog.offers;

-- name: known_stock
-- The hub that keeps most of an offer.
select distinct on (offer_id) offer_id::text as offer_id, hub_id::text as hub_id from inventory.stock
order by offer_id, on_hand desc, hub_id;

-- name: imported_orders
-- Orders of a source that are in the shop.
select source_ref as order_ref from orders.order_groups where source = :source;

-- name: analyze
-- Fresh statistics: the planner must not take the tables for empty.
analyze identity.users, sellers.sellers, catalog.categories, catalog.products, catalog.offers, inventory.hubs, inventory.stock,
    inventory.supply_terms, orders.order_groups, orders.orders, orders.order_lines, payments.attempts, risk.labels,
    ledger.entries;
