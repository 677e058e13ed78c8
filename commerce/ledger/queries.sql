-- name: post
-- Post a transfer with its entries and open accounts that are new. A (kind, reference) posts once.
with posted as (
    insert into ledger.transfers (id, kind, reference, business_on)
    values (:id, :kind, :reference, :business_on)
    on conflict (kind, reference) do nothing
    returning id
),
lines as (
    select e.entry_no, e.account_code, e.order_id, e.amount_poisha
    from unnest(:accounts::text[], :order_ids::uuid[], :amounts::bigint[])
        with ordinality as e (account_code, order_id, amount_poisha, entry_no)
),
opened as (
    insert into ledger.accounts (code, kind, owner_id)
    select distinct l.account_code, split_part(l.account_code, ':', 1),
        case when split_part(l.account_code, ':', 1) in ('seller_payable', 'seller_reserve')
            and split_part(l.account_code, ':', 2) ~ '^[0-9a-f-]{36}$'
            then split_part(l.account_code, ':', 2)::uuid end
    from lines l
    where not exists (select 1 from ledger.accounts a where a.code = l.account_code)
    on conflict (code) do nothing
)
insert into ledger.entries (transfer_id, entry_no, account_code, order_id, amount_poisha)
select p.id, l.entry_no, l.account_code, l.order_id, l.amount_poisha from posted p cross join lines l;

-- name: balances
-- Balance of every account kind.
select a.kind, coalesce(sum(e.amount_poisha), 0)::bigint as balance_poisha
from ledger.accounts a left join ledger.entries e on e.account_code = a.code group by a.kind order by a.kind;

-- name: escrow_of_order
-- What escrow still holds for an order (credit balance, positive).
select coalesce(-sum(amount_poisha), 0)::bigint as held_poisha
from ledger.entries where account_code = 'escrow' and order_id = :order_id;
