-- name: find_voucher
-- A voucher and how often this buyer has used it.
select v.*, (select count(*) from promotions.redemptions r where r.code = v.code and r.buyer_id = :buyer_id) as used
from promotions.vouchers v where v.code = :code;

-- name: redeem
-- Count a use and note it; the voucher's CHECK and the redemption's key are the limits.
with counted as (
    update promotions.vouchers set redeemed = redeemed + 1
    where code = :code and redeemed < limit_total returning code
)
insert into promotions.redemptions (code, buyer_id, use_no, group_id, discount_poisha)
select code, :buyer_id, :use_no, :group_id, :discount_poisha from counted;

-- name: give_back
-- Undo the use of a voucher by a cancelled order group.
with gone as (
    delete from promotions.redemptions where group_id = :group_id returning code
)
update promotions.vouchers v set redeemed = redeemed - 1 from gone where v.code = gone.code;

-- name: add_voucher
-- Create or renew a voucher.
insert into promotions.vouchers
    (code, discount_bp, max_discount_poisha, min_subtotal_poisha, limit_total, limit_per_buyer, funded_by, starts_at, ends_at)
values (:code, :discount_bp, :max_discount_poisha, :min_subtotal_poisha, :limit_total, :limit_per_buyer, 'platform',
        :starts_at, :ends_at)
on conflict (code) do update set ends_at = excluded.ends_at, limit_total = excluded.limit_total;
