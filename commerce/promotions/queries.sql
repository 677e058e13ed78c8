-- name: find_voucher
-- A voucher and how often this buyer has used it; a use given back does not count.
select v.*, (
    select count(*) from promotions.redemptions r
    where r.code = v.code and r.buyer_id = :buyer_id and r.given_back_at is null
) as used
from promotions.vouchers v where v.code = :code;

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
-- Create or renew a voucher.
insert into promotions.vouchers
    (code, discount_bp, max_discount_poisha, min_subtotal_poisha, limit_total, limit_per_buyer, funded_by, starts_at, ends_at)
values (:code, :discount_bp, :max_discount_poisha, :min_subtotal_poisha, :limit_total, :limit_per_buyer, 'platform',
        :starts_at, :ends_at)
on conflict (code) do update set ends_at = excluded.ends_at, limit_total = excluded.limit_total;
