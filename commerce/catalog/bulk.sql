-- name: add_job
-- A file that waits for its turn.
insert into catalog.bulk_jobs (id, seller_id, submitted_by, is_dry_run, file_sha256, rows, submitted_at)
values (:id, :seller_id, :submitted_by, :is_dry_run, :file_sha256, :rows, :at);

-- name: add_rows
-- Rows of a file.
insert into catalog.bulk_rows (job_id, row_number, cells)
select :job_id, r.row_number, r.cells::jsonb from unnest(:numbers::int[], :cells::text[]) as r (row_number, cells);

-- name: find_job
-- A seller's file and how far it is.
select id as job_id, state, is_dry_run, rows, rows_done, rows_created, rows_changed, rows_unchanged, rows_refused, submitted_at,
    finished_at
from catalog.bulk_jobs where id = :job_id and seller_id = :seller_id;

-- name: list_jobs
-- A seller's files, newest first.
select id as job_id, state, is_dry_run, rows, rows_done, rows_created, rows_changed, rows_unchanged, rows_refused, submitted_at,
    finished_at
from catalog.bulk_jobs where seller_id = :seller_id and (:before_id::uuid is null or id < :before_id::uuid)
order by id desc limit :limit;

-- name: list_errors
-- Refused rows of a seller's file, in its order.
select e.row_number, e.column_name, e.reason, e.params from catalog.bulk_errors e join catalog.bulk_jobs j on j.id = e.job_id
where e.job_id = :job_id and j.seller_id = :seller_id
    and (:after_row::int is null or (e.row_number, e.column_name) > (:after_row::int, :after_column::text))
order by e.row_number, e.column_name limit :limit;

-- name: next_job
-- The oldest file that waits; another process's is passed over.
select * from catalog.bulk_jobs where state = 'waiting' order by id limit 1 for update skip locked;

-- name: next_rows
-- The next rows of a file.
select row_number, cells from catalog.bulk_rows where job_id = :job_id and row_number > :after_row order by row_number limit :limit;

-- name: earlier_skus
-- Which of some SKUs stand in earlier rows of the file.
select distinct cells ->> 'sku' as sku from catalog.bulk_rows
where job_id = :job_id and row_number < :row_number and cells ->> 'sku' = any(:skus::text[]);

-- name: lock_offers
-- The seller's offers with some SKUs, locked in order.
select * from catalog.offers where seller_id = :seller_id and sku = any(:skus::text[]) order by id for update;

-- name: product_by_code
-- A product that is for sale, by its code.
select p.id, p.category_id from catalog.products p left join catalog.product_details x on x.product_id = p.id
where p.code = :code and (p.is_active or x.owner_seller_id = :seller_id);

-- name: product_by_sku
-- A product that the seller keeps, by the SKU of an offer on it.
select p.id, p.category_id from catalog.offers o join catalog.products p on p.id = o.product_id
join catalog.product_details x on x.product_id = p.id and x.owner_seller_id = :seller_id
where o.seller_id = :seller_id and o.sku = :sku;

-- name: category_by_path
-- A category by its path.
select id from catalog.categories where path = :path;

-- name: variant_of
-- The variant of a product that has exactly these values.
select id from catalog.variants where product_id = :product_id and attributes = :attributes::jsonb and is_active;

-- name: add_errors
-- Note why rows were refused.
insert into catalog.bulk_errors (job_id, row_number, column_name, reason, params)
select :job_id, e.row_number, e.column_name, e.reason, e.params::jsonb
from unnest(:numbers::int[], :columns::text[], :reasons::text[], :params::text[]) as e (row_number, column_name, reason, params)
on conflict do nothing;

-- name: advance
-- How far a file is; the last rows end it.
update catalog.bulk_jobs set rows_done = rows_done + :created + :changed + :unchanged + :refused,
    rows_created = rows_created + :created, rows_changed = rows_changed + :changed,
    rows_unchanged = rows_unchanged + :unchanged, rows_refused = rows_refused + :refused,
    state = case when rows_done + :created + :changed + :unchanged + :refused = rows then 'done' else state end,
    finished_at = case when rows_done + :created + :changed + :unchanged + :refused = rows then :at end
where id = :job_id returning state;

-- name: drop_rows
-- Rows of a file that is done.
delete from catalog.bulk_rows where job_id = :job_id;

-- name: export
-- A seller's offers with the words of their products, in order.
select o.id, o.sku, p.code as product_code, p.title_en, p.title_bn, x.title_hi, x.description_en, x.description_bn,
    x.description_hi, c.path as category, p.brand, p.package_size, o.price_poisha, o.list_price_poisha, o.condition,
    o.handling_days, o.status
from catalog.offers o join catalog.products p on p.id = o.product_id join catalog.categories c on c.id = p.category_id
left join catalog.product_details x on x.product_id = p.id
where o.seller_id = :seller_id and o.id > :after_id::uuid order by o.id limit :limit;
