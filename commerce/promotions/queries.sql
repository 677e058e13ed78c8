-- name: for_basket
-- All that promotions say about a basket in one row: its vouchers, the bundles it may complete, the flash slots open now.
select
    (select coalesce(jsonb_agg(jsonb_build_object('code', v.code, 'kind', v.kind, 'discount_bp', v.discount_bp,
        'amount_poisha', v.amount_poisha, 'max_discount_poisha', v.max_discount_poisha,
        'min_subtotal_poisha', v.min_subtotal_poisha, 'limit_total', v.limit_total,
        'limit_per_buyer', v.limit_per_buyer, 'redeemed', v.redeemed, 'platform_bp', v.platform_bp,
        'stack_group', v.stack_group, 'scope_seller_id', v.scope_seller_id, 'scope_category', v.scope_category,
        'starts_at', v.starts_at, 'ends_at', v.ends_at, 'used', (
            select count(*) from promotions.redemptions r
            where r.code = v.code and r.buyer_id = :buyer_id and r.given_back_at is null))), '[]')
     from promotions.vouchers v where v.code = any(:codes::text[])) as vouchers,
    (select coalesce(jsonb_agg(jsonb_build_object('code', b.code, 'discount_bp', b.discount_bp,
        'platform_bp', b.platform_bp, 'items', (
            select jsonb_object_agg(i.offer_id, i.quantity) from promotions.bundle_items i where i.bundle_id = b.id))
        order by b.discount_bp desc, b.code), '[]')
     from promotions.bundles b
     where b.id in (select i.bundle_id from promotions.bundle_items i where i.offer_id = any(:offer_ids::uuid[]))
         and b.starts_at <= :now and :now < b.ends_at) as bundles,
    (select coalesce(jsonb_agg(jsonb_build_object('slot_id', f.id, 'offer_id', f.offer_id,
        'price_poisha', f.price_poisha, 'per_buyer', f.per_buyer, 'starts_at', f.starts_at,
        'admit_at_once', f.admit_at_once, 'admit_per_second', f.admit_per_second,
        'bought', coalesce((select p.quantity from promotions.flash_purchases p
            where p.slot_id = f.id and p.buyer_id = :buyer_id), 0),
        'ticket_no', (select t.ticket_no from promotions.queue_tickets t
            where t.slot_id = f.id and t.buyer_id = :buyer_id))), '[]')
     from promotions.flash_slots f
     where f.offer_id = any(:offer_ids::uuid[]) and f.state = 'open' and f.starts_at <= :now and :now < f.ends_at) as slots;

-- name: category_paths
-- Categories of the products of a basket; asked only where a voucher is meant for one.
select o.id as offer_id, c.path from catalog.offers o
join catalog.products p on p.id = o.product_id join catalog.categories c on c.id = p.category_id
where o.id = any(:offer_ids::uuid[]);

-- name: redeem
-- Count a use and note it under the smallest free number; the voucher's CHECK and the unique index are the limits.
with counted as (
    update promotions.vouchers set redeemed = redeemed + 1
    where code = :code and redeemed < limit_total returning code, limit_per_buyer
)
insert into promotions.redemptions (code, buyer_id, use_no, group_id, discount_poisha)
select c.code, :buyer_id, free.use_no, :group_id, :discount_poisha
from counted c
cross join lateral (
    select n as use_no from generate_series(1, c.limit_per_buyer) n
    where not exists (
        select from promotions.redemptions r
        where r.code = c.code and r.buyer_id = :buyer_id and r.use_no = n and r.given_back_at is null
    )
    order by n limit 1
) free
returning use_no;

-- name: give_back
-- Undo the uses of vouchers by a cancelled order group, once.
with gone as (
    update promotions.redemptions set given_back_at = now()
    where group_id = :group_id and given_back_at is null returning code
)
update promotions.vouchers v set redeemed = redeemed - 1 from gone where v.code = gone.code;

-- name: add_voucher
-- Create or renew a voucher (the ones a fresh installation brings).
insert into promotions.vouchers
    (code, discount_bp, max_discount_poisha, min_subtotal_poisha, limit_total, limit_per_buyer, funded_by, starts_at, ends_at)
values (:code, :discount_bp, :max_discount_poisha, :min_subtotal_poisha, :limit_total, :limit_per_buyer, 'platform',
        :starts_at, :ends_at)
on conflict (code) do update set ends_at = excluded.ends_at, limit_total = excluded.limit_total;
