-- name: balance_before
-- Balance of an account at the beginning of a day, from its entries; a credit balance is positive.
select coalesce(-sum(e.amount_poisha), 0)::bigint as balance_poisha
from ledger.entries e join ledger.transfers t on t.id = e.transfer_id
where e.account_code = :account and t.business_on < :on;

-- name: statement_lines
-- Entries of an account by day and posting.
select t.business_on, t.id as transfer_id, e.entry_no, t.kind, t.reference, e.order_id, -e.amount_poisha as amount_poisha
from ledger.entries e join ledger.transfers t on t.id = e.transfer_id
where e.account_code = :account and t.business_on between :from_on and :to_on
    and (:after_on::date is null or (t.business_on, t.id, e.entry_no) > (:after_on::date, :after_id::uuid, :after_no::int))
order by t.business_on, t.id, e.entry_no limit :limit;
