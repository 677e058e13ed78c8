-- name: hold
-- A delivered order's money waits for its time; once.
insert into ledger.escrow_holds (order_id, seller_id, delivered_at, release_at)
values (:order_id, :seller_id, :delivered_at, :release_at) on conflict do nothing;

-- name: lock_hold
-- The hold of an order with whether something keeps it frozen, locked.
select h.*, exists (select 1 from ledger.escrow_freezes f where f.order_id = h.order_id and f.lifted_at is null) as is_frozen
from ledger.escrow_holds h where h.order_id = :order_id for update of h;

-- name: due_holds
-- Orders whose time in escrow is over and that nothing freezes, oldest first.
select h.order_id from ledger.escrow_holds h
where h.state = 'held' and h.release_at <= :now
    and not exists (select 1 from ledger.escrow_freezes f where f.order_id = h.order_id and f.lifted_at is null)
order by h.release_at limit 50;

-- name: release
-- The money of an order is paid out; once.
update ledger.escrow_holds
set state = 'released', released_at = :now, released_by = :released_by, reserve_poisha = :reserve_poisha,
    reserve_until = :reserve_until
where order_id = :order_id and state = 'held' returning order_id;

-- name: freeze
-- Something keeps an order's money in escrow.
insert into ledger.escrow_freezes (order_id, cause, frozen_at) values (:order_id, :cause, :now) on conflict do nothing;

-- name: thaw
-- It does not any more.
update ledger.escrow_freezes set lifted_at = :now where order_id = :order_id and cause = :cause and lifted_at is null;

-- name: find_policy
-- What is held back of a seller.
select reserve_bp, hold_days from ledger.reserve_policies where seller_id = :seller_id;

-- name: set_policy
-- Set what is held back of a seller.
insert into ledger.reserve_policies (seller_id, reserve_bp, hold_days, set_by, set_at)
select s.id, :reserve_bp, :hold_days, :set_by, :now from sellers.sellers s where s.id = :seller_id
on conflict (seller_id) do update set reserve_bp = excluded.reserve_bp, hold_days = excluded.hold_days,
    set_by = excluded.set_by, set_at = excluded.set_at
returning seller_id;

-- name: claim_reserve
-- Reserves whose time is over; once each.
update ledger.escrow_holds h set reserve_paid_at = :now
from (
    select order_id from ledger.escrow_holds
    where reserve_poisha > 0 and reserve_paid_at is null and reserve_until <= :now
    order by reserve_until limit 50 for update skip locked
) as due
where h.order_id = due.order_id
returning h.order_id, h.seller_id, h.reserve_poisha;

-- name: escrow_law
-- Orders for which captured is not escrow + released + refunded; none should be.
with captured as (
    select (share ->> 'order_id')::uuid as order_id, sum((share ->> 'amount_poisha')::bigint) as poisha
    from payments.attempts a cross join jsonb_array_elements(a.shares) as share
    where a.state = 'captured' group by 1
),
booked as (
    select e.order_id,
        -coalesce(sum(e.amount_poisha) filter (where e.account_code = 'escrow'), 0) as held,
        coalesce(sum(e.amount_poisha) filter (where (e.account_code = 'escrow'
                and t.kind in ('order.released', 'order.clawback', 'order.delivered'))
            -- Cash orders before escrow held them: straight from the courier to the seller.
            or (t.kind = 'order.delivered' and starts_with(e.account_code, 'courier_clearing:'))), 0) as released
    from ledger.entries e join ledger.transfers t on t.id = e.transfer_id
    where e.order_id is not null group by e.order_id
),
refunded as (
    select order_id, sum(amount_poisha) as poisha from payments.refunds group by order_id
)
select o.id as order_id, coalesce(c.poisha, 0)::bigint as captured_poisha, coalesce(b.held, 0)::bigint as escrow_poisha,
    coalesce(b.released, 0)::bigint as released_poisha, coalesce(r.poisha, 0)::bigint as refunded_poisha
from orders.orders o
join orders.order_groups g on g.id = o.group_id and g.channel <> 'import'
left join captured c on c.order_id = o.id
left join booked b on b.order_id = o.id
left join refunded r on r.order_id = o.id
where o.placed_at >= :since
    and coalesce(c.poisha, 0) <> coalesce(b.held, 0) + coalesce(b.released, 0) + coalesce(r.poisha, 0)
order by o.id limit :limit;
