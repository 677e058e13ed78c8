-- name: add_wish
-- Put a product on sale on somebody's list, with its cheapest price today. No row: unknown product; full: nothing added.
with product as (
    select p.id, (select min(o.price_poisha) from catalog.offers o where o.product_id = p.id and o.status = 'active') as price
    from catalog.products p where p.id = :product_id and p.is_active
),
added as (
    insert into engagement.wishes (user_id, product_id, price_poisha, added_at)
    select :user_id, id, price, :now from product
    where (select count(*) from engagement.wishes where user_id = :user_id) < :most
    on conflict (user_id, product_id) do nothing
)
select p.id, (select count(*) from engagement.wishes where user_id = :user_id and product_id <> :product_id) >= :most as is_full
from product p;

-- name: drop_wish
-- Take a product off somebody's list.
delete from engagement.wishes where user_id = :user_id and product_id = :product_id;

-- name: list_wishes
-- Somebody's list, newest first, with the cheapest price then and now.
select w.product_id, w.added_at, w.price_poisha as price_then_poisha, p.title_en, p.title_bn,
    (select min(o.price_poisha) from catalog.offers o where o.product_id = p.id and o.status = 'active') as price_poisha
from engagement.wishes w join catalog.products p on p.id = w.product_id
where w.user_id = :user_id
    and (:before_at::timestamptz is null or (w.added_at, w.product_id) < (:before_at::timestamptz, :before_id::uuid))
order by w.added_at desc, w.product_id desc limit :limit;

-- name: follow
-- Follow a shop. No row: no such shop.
with shop as (select id from sellers.sellers where id = :seller_id and status = 'approved'),
added as (
    insert into engagement.follows (user_id, seller_id, followed_at) select :user_id, id, :now from shop
    where (select count(*) from engagement.follows where user_id = :user_id) < :most
    on conflict do nothing
)
select id, (select count(*) from engagement.follows where user_id = :user_id and seller_id <> :seller_id) >= :most as is_full
from shop;

-- name: unfollow
-- Follow a shop no longer.
delete from engagement.follows where user_id = :user_id and seller_id = :seller_id;

-- name: list_followed
-- Shops that somebody follows, newest first.
select f.seller_id, s.name, f.followed_at,
    (select count(*) from engagement.follows x where x.seller_id = f.seller_id) as followers
from engagement.follows f join sellers.sellers s on s.id = f.seller_id
where f.user_id = :user_id
    and (:before_at::timestamptz is null or (f.followed_at, f.seller_id) < (:before_at::timestamptz, :before_id::uuid))
order by f.followed_at desc, f.seller_id desc limit :limit;

-- name: note_view
-- Somebody looked at a product; it moves to the front. No row: no such product.
insert into engagement.views (user_id, product_id, viewed_at)
select :user_id, p.id, :now from catalog.products p where p.id = :product_id and p.is_active
on conflict (user_id, product_id) do update set viewed_at = greatest(engagement.views.viewed_at, excluded.viewed_at)
returning product_id;

-- name: trim_views
-- Keep the latest views only.
delete from engagement.views v using (
    select product_id from engagement.views where user_id = :user_id
    order by viewed_at desc, product_id desc offset :most
) as old
where v.user_id = :user_id and v.product_id = old.product_id;

-- name: forget_views
-- Forget what somebody looked at.
delete from engagement.views where user_id = :user_id;

-- name: list_views
-- What somebody looked at, latest first.
select v.product_id, v.viewed_at, p.title_en, p.title_bn,
    (select min(o.price_poisha) from catalog.offers o where o.product_id = p.id and o.status = 'active') as price_poisha
from engagement.views v join catalog.products p on p.id = v.product_id
where v.user_id = :user_id
    and (:before_at::timestamptz is null or (v.viewed_at, v.product_id) < (:before_at::timestamptz, :before_id::uuid))
order by v.viewed_at desc, v.product_id desc limit :limit;

-- name: lock_account
-- Somebody's coins, locked; made if it is the first time.
insert into engagement.coin_accounts (user_id) values (:user_id)
on conflict (user_id) do update set balance = engagement.coin_accounts.balance returning balance;

-- name: add_entry
-- An entry in somebody's coins; no row if its reference was booked before.
insert into engagement.coin_entries (id, user_id, kind, coins, reference, expires_at, recorded_at)
values (:id, :user_id, :kind, :coins, :reference, :expires_at, :now)
on conflict (kind, reference) do nothing returning id;

-- name: move_balance
-- The balance follows the entry; no row if it would be less than nothing.
update engagement.coin_accounts set balance = balance + :coins
where user_id = :user_id and balance + :coins >= 0 returning balance;

-- name: coins_of
-- Balance and the next coins to end.
select coalesce((select balance from engagement.coin_accounts where user_id = :user_id), 0) as balance,
    (select coalesce(sum(coins), 0)::bigint from engagement.coin_entries
     where user_id = :user_id and kind = 'earned' and expires_at <= :soon)
    + (select coalesce(sum(coins), 0)::bigint from engagement.coin_entries where user_id = :user_id and coins < 0) as ending_soon;

-- name: list_entries
-- Somebody's coin entries, newest first.
select id, kind, coins, reference, expires_at, recorded_at from engagement.coin_entries
where user_id = :user_id and (:before::uuid is null or id < :before::uuid) order by id desc limit :limit;

-- name: due_to_expire
-- One person with coins whose time is over and that were not used, with the sums that tell how many.
select a.user_id, e.over, coalesce(u.used, 0)::bigint as used
from (select user_id, sum(coins)::bigint as over from engagement.coin_entries
      where kind = 'earned' and expires_at <= :now group by user_id) e
join engagement.coin_accounts a on a.user_id = e.user_id and a.balance > 0
left join (select user_id, -sum(coins) as used from engagement.coin_entries where coins < 0 group by user_id) u
    on u.user_id = e.user_id
where e.over > coalesce(u.used, 0) limit 1;

-- name: sums_of
-- Coins of one person whose time is over, and all that were used; read under the account's lock.
select coalesce(sum(coins) filter (where kind = 'earned' and expires_at <= :now), 0)::bigint as over,
    coalesce(-sum(coins) filter (where coins < 0), 0)::bigint as used
from engagement.coin_entries where user_id = :user_id;
