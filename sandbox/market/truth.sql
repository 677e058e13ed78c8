-- name: make_orders
-- What each order really was.
create table if not exists sandbox.orders (
    number text primary key,
    account text not null,
    is_fraud boolean not null,
    typology text not null,
    actor text not null,
    placed_at timestamptz not null
);

-- name: make_live_orders
-- What each order of the live market really is, what will come of it, and when somebody will find out.
create table if not exists sandbox.live_orders (
    group_id uuid primary key,
    account text not null,
    is_fraud boolean not null,
    typology text not null,
    actor text not null,
    placed_at timestamptz not null,
    outcome text not null,
    closes_at timestamptz not null,
    found_at timestamptz,
    is_reported boolean not null default false
);

-- name: keep_live_order
-- Remember an order of the live market.
insert into sandbox.live_orders (group_id, account, is_fraud, typology, actor, placed_at, outcome, closes_at, found_at)
values (:group_id, :account, :is_fraud, :typology, :actor, :placed_at, :outcome, :closes_at, :found_at)
on conflict do nothing;

-- name: live_orders
-- What is known of some orders.
select group_id, is_fraud, outcome, closes_at from sandbox.live_orders where group_id = any(:group_ids);

-- name: found_out
-- Frauds that somebody has found out by now and not reported yet.
select group_id, typology, placed_at from sandbox.live_orders
where found_at <= :now and not is_reported order by found_at limit 50;

-- name: mark_reported
-- Remember that it was reported.
update sandbox.live_orders set is_reported = true where group_id = :group_id;

-- name: make_state
-- When the history of this market began: the same town must be built again by whoever goes on with it.
create table if not exists sandbox.market (only_row boolean primary key default true check (only_row), started_at timestamptz not null);

-- name: make_incoming
-- Rows on their way.
create temporary table incoming (like sandbox.orders) on commit drop;

-- name: take_incoming
-- Keep what is new.
insert into sandbox.orders select * from incoming on conflict (number) do nothing;

-- name: find_start
-- When the history began.
select started_at from sandbox.market;

-- name: keep_start
-- Remember it.
insert into sandbox.market (started_at) values (:started_at) on conflict do nothing;
