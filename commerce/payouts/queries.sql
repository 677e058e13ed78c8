-- name: candidates
-- Sellers whose account is not empty: balance, and what was credited too lately for their tier. Money that came back from
-- the bank does not wait again.
select b.seller_id, b.balance_poisha, b.recent_poisha, s.status = 'approved' as is_selling,
    exists (select 1 from payouts.items i where i.seller_id = b.seller_id
            and i.state in ('proposed', 'pending', 'submitted', 'unknown')) as is_under_way
from (
    select a.owner_id as seller_id, -sum(e.amount_poisha)::bigint as balance_poisha,
        -coalesce(sum(e.amount_poisha) filter (where e.amount_poisha < 0 and t.kind not in ('payout.failed', 'payout.returned')
            and t.business_on > :until_on::date - h.days), 0)::bigint as recent_poisha
    from ledger.accounts a
    join ledger.entries e on e.account_code = a.code
    join ledger.transfers t on t.id = e.transfer_id
    join sellers.sellers p on p.id = a.owner_id
    join unnest(:tiers::text[], :hold_days::int[]) as h (tier, days) on h.tier = p.tier
    where a.kind = 'seller_payable' and (:seller_ids::uuid[] is null or a.owner_id = any(:seller_ids::uuid[]))
    group by a.owner_id
) as b
join sellers.sellers s on s.id = b.seller_id
where b.balance_poisha <> 0 order by b.seller_id;

-- name: add_batch
-- Payouts are proposed; no row while another proposal waits.
insert into payouts.batches (id, until_on, minimum_poisha, proposed_by, proposed_at)
values (:id, :until_on, :minimum_poisha, :actor_id, :now)
on conflict (state) where state = 'proposed' do nothing returning id;

-- name: add_items
-- What sellers are to be sent.
insert into payouts.items (id, batch_id, seller_id, amount_poisha, account_id, method, account_tail, reference, created_at)
select i.id, :batch_id, i.seller_id, i.amount_poisha, i.account_id, i.method, i.account_tail, i.reference, :now
from unnest(:ids::uuid[], :seller_ids::uuid[], :amounts::bigint[], :account_ids::uuid[], :methods::text[], :tails::text[],
    :references::text[]) as i (id, seller_id, amount_poisha, account_id, method, account_tail, reference);

-- name: add_skipped
-- Sellers who get nothing this time, and why.
insert into payouts.skipped (batch_id, seller_id, reason, balance_poisha)
select :batch_id, s.seller_id, s.reason, s.balance_poisha
from unnest(:seller_ids::uuid[], :reasons::text[], :balances::bigint[]) as s (seller_id, reason, balance_poisha);

-- name: find_batch
-- A batch with its sums.
select b.*, coalesce(i.item_count, 0)::int as item_count, coalesce(i.amount_poisha, 0)::bigint as amount_poisha,
    coalesce(i.paid_poisha, 0)::bigint as paid_poisha,
    (select count(*) from payouts.skipped s where s.batch_id = b.id)::int as skipped_count
from payouts.batches b left join lateral (
    select count(*) as item_count, sum(i.amount_poisha) as amount_poisha,
        sum(i.amount_poisha) filter (where i.state = 'paid') as paid_poisha
    from payouts.items i where i.batch_id = b.id
) as i on true
where b.id = :id;

-- name: lock_batch
-- A batch, locked.
select * from payouts.batches where id = :id for update;

-- name: decide_batch
-- Somebody else decides about a proposal.
update payouts.batches set state = :state, decided_by = :actor_id, decided_at = :now, note = :note,
    closed_at = case when :is_over then :now end
where id = :id and state = 'proposed';

-- name: proposed_items
-- Items of a proposal.
select id, seller_id, amount_poisha from payouts.items where batch_id = :batch_id and state = 'proposed' order by seller_id;

-- name: move_items
-- Change the state of some items and note it.
with moved as (
    update payouts.items set state = :to_state, failure = coalesce(:failure, failure),
        resolved_at = case when :is_over then :now::timestamptz end, locked_until = :locked_until
    where id = any(:ids::uuid[]) and state = any(:from_states::text[])
    returning id, state
)
insert into payouts.transitions (item_id, from_state, to_state, detail, occurred_at)
select m.id, :from_state, m.state, :failure, :now from moved m;

-- name: claim_item
-- One item that is to be sent, or to be asked about.
update payouts.items i set state = 'submitted', tries = i.tries + 1, locked_until = :locked_until
from (
    select id, state from payouts.items
    where state in ('pending', 'submitted', 'unknown') and coalesce(locked_until, '-infinity') < :now
    order by created_at, id limit 1 for update skip locked
) as due
where i.id = due.id
returning i.id, i.batch_id, i.seller_id, i.amount_poisha, i.account_id, i.method, i.reference, i.tries, due.state as previous_state;

-- name: note_claim
-- An item is with the bank for the first time, or again.
insert into payouts.transitions (item_id, from_state, to_state, detail, occurred_at)
values (:id, :from_state, 'submitted', null, :now);

-- name: lock_item
-- An item, locked.
select * from payouts.items where id = :id for update;

-- name: find_by_reference
-- The item of a transfer, locked.
select * from payouts.items where reference = :reference for update;

-- name: close_batch
-- A batch is done when none of its items is open.
update payouts.batches b set state = 'done', closed_at = :now
where b.id = :id and b.state = 'approved' and not exists (
    select 1 from payouts.items i where i.batch_id = b.id and i.state in ('pending', 'submitted', 'unknown'));

-- name: list_batches
-- Batches, newest first.
select id from payouts.batches where (:state::text is null or state = :state)
    and (:before_id::uuid is null or id < :before_id::uuid) order by id desc limit :limit;

-- name: list_items
-- Items of a batch or of a seller, newest first; a seller sees none that was only proposed.
select id, batch_id, seller_id, state, amount_poisha, method, account_tail, reference, failure, created_at, resolved_at
from payouts.items
where (:batch_id::uuid is null or batch_id = :batch_id::uuid)
    and (:seller_id::uuid is null or (seller_id = :seller_id::uuid and state not in ('proposed', 'dropped')))
    and (:state::text is null or state = :state) and (:before_id::uuid is null or id < :before_id::uuid)
order by id desc limit :limit;

-- name: list_skipped
-- Sellers who got nothing in a batch.
select seller_id, reason, balance_poisha from payouts.skipped
where batch_id = :batch_id and (:after_id::uuid is null or seller_id > :after_id::uuid) order by seller_id limit :limit;

-- name: read_until
-- How far the bank's statement was taken in; the lock makes processes take turns.
insert into payouts.bank_reading (id, last_seq) values (1, 0) on conflict (id) do update set id = 1 returning last_seq;

-- name: note_reading
-- The bank's statement was taken in up to a line.
update payouts.bank_reading set last_seq = :seq where id = 1;
