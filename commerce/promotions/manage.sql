-- name: create_voucher
-- A new voucher; no row if the code is taken.
insert into promotions.vouchers
    (code, kind, discount_bp, amount_poisha, max_discount_poisha, min_subtotal_poisha, limit_total, limit_per_buyer, funded_by,
     platform_bp, stack_group, scope_seller_id, scope_category, campaign_id, starts_at, ends_at)
values (:code, :kind, :discount_bp, :amount_poisha, :max_discount_poisha, :min_subtotal_poisha, :limit_total,
        :limit_per_buyer, case when :platform_bp > 0 then 'platform' else 'seller' end, :platform_bp, :stack_group,
        :scope_seller_id, :scope_category, :campaign_id, :starts_at, :ends_at)
on conflict do nothing returning code;

-- name: list_vouchers
-- Vouchers by code: all, or a seller's own.
select code, kind, discount_bp, amount_poisha, max_discount_poisha, min_subtotal_poisha, limit_total, limit_per_buyer, redeemed,
    platform_bp, stack_group, scope_seller_id, scope_category, campaign_id, starts_at, ends_at
from promotions.vouchers
where (:seller_id::uuid is null or scope_seller_id = :seller_id) and (:after_code::text is null or code > :after_code)
order by code limit :limit;

-- name: end_voucher
-- No more uses from now on; no row if it is not there, or not the seller's.
update promotions.vouchers set ends_at = :now
where code = :code and ends_at > :now and (:seller_id::uuid is null or scope_seller_id = :seller_id) returning code;

-- name: create_campaign
-- A campaign; no row if the code is taken.
insert into promotions.campaigns (id, code, name_en, name_bn, starts_at, ends_at, created_by)
values (:id, :code, :name_en, :name_bn, :starts_at, :ends_at, :created_by) on conflict do nothing returning id;

-- name: list_campaigns
-- Campaigns that run or are to come, soonest first.
select id, code, name_en, name_bn, starts_at, ends_at from promotions.campaigns where ends_at > :now
order by starts_at, id limit 100;

-- name: create_bundle
-- A bundle with its items; no row if the code is taken.
with added as (
    insert into promotions.bundles (id, code, name_en, seller_id, discount_bp, platform_bp, starts_at, ends_at)
    values (:id, :code, :name_en, :seller_id, :discount_bp, 0, :starts_at, :ends_at) on conflict do nothing returning id
)
insert into promotions.bundle_items (bundle_id, offer_id, quantity)
select a.id, i.offer_id, i.quantity
from added a cross join unnest(:offer_ids::uuid[], :quantities::int[]) as i (offer_id, quantity)
returning bundle_id;

-- name: own_offers
-- Which of the offers are the seller's.
select id from catalog.offers where id = any(:offer_ids::uuid[]) and seller_id = :seller_id and status = 'active';

-- name: list_bundles
-- A seller's bundles.
select b.id, b.code, b.name_en, b.discount_bp, b.starts_at, b.ends_at,
    (select jsonb_agg(jsonb_build_object('offer_id', i.offer_id, 'quantity', i.quantity) order by i.offer_id)
     from promotions.bundle_items i where i.bundle_id = b.id) as items
from promotions.bundles b where b.seller_id = :seller_id order by b.id desc limit 100;
