-- name: open_attempt
-- A payment about to be made, with its reference at the provider.
insert into payments.attempts (id, group_id, provider, amount_poisha, merchant_reference, payer_index, shares)
values (:id, :group_id, :provider, :amount_poisha, :merchant_reference, :payer_index, :shares);

-- name: open_cash_attempts
-- Cash on delivery: one attempt for each seller's parcel.
insert into payments.attempts (id, group_id, order_id, provider, amount_poisha, merchant_reference, shares)
select a.id, :group_id, a.order_id, 'cod', a.amount_poisha, 'cod:' || a.order_id,
    jsonb_build_array(jsonb_build_object('order_id', a.order_id, 'amount_poisha', a.amount_poisha))
from unnest(:ids::uuid[], :order_ids::uuid[], :amounts::bigint[]) as a (id, order_id, amount_poisha);

-- name: find_attempt
-- An attempt with the buyer it belongs to.
select a.*, g.buyer_id, g.number, g.device_index
from payments.attempts a join orders.order_groups g on g.id = a.group_id where a.id = :id;

-- name: find_by_provider_payment
-- The attempt a provider's callback speaks of.
select a.*, g.buyer_id, g.number, g.device_index
from payments.attempts a join orders.order_groups g on g.id = a.group_id
where a.provider_payment_id = :provider_payment_id;

-- name: attach_session
-- Remember the provider's payment and the customer's page; only while nothing was submitted.
update payments.attempts set provider_payment_id = :provider_payment_id, redirect_url = :redirect_url
where id = :id and state = 'created' and provider_payment_id is not distinct from :previous;

-- name: submit
-- About to ask for the money: committed before the provider is called. No row: somebody else has the lease, or it is over.
update payments.attempts set state = 'submitted', locked_until = :locked_until
where id = :id and (state = 'created' or (state in ('submitted', 'unknown') and coalesce(locked_until, '-infinity') < :now))
returning id;

-- name: resolve
-- The outcome, once.
update payments.attempts
set state = :state, provider_transaction_id = coalesce(:transaction_id, provider_transaction_id),
    payer_index = coalesce(:payer_index, payer_index), decline_code = :decline_code, locked_until = :locked_until,
    resolved_at = case when :state in ('captured', 'declined') then :now end
where id = :id and state = any(:from_states) returning id;

-- name: note_transition
-- History of an attempt.
insert into payments.attempt_transitions (attempt_id, from_state, to_state, detail) values (:id, :from_state, :to_state, :detail);

-- name: abandon
-- The buyer gives up before anything was asked of the provider.
update payments.attempts set state = 'declined', decline_code = :code, resolved_at = now()
where group_id = :group_id and state = 'created' returning id;

-- name: live_attempts
-- Attempts of a group whose outcome is open.
select id, state from payments.attempts where group_id = :group_id and state in ('submitted', 'unknown') for update;

-- name: claim_unresolved
-- One attempt whose worker is gone or whose outcome is unknown; the lease keeps others away while the provider is asked.
update payments.attempts a set locked_until = :locked_until
from (
    select id from payments.attempts
    where state in ('submitted', 'unknown') and coalesce(locked_until, '-infinity') < :now
    order by created_at limit 1 for update skip locked
) as due
where a.id = due.id returning a.id;

-- name: claim_expired
-- Prepaid orders nobody paid in time; nothing was ever submitted for them.
update payments.attempts a set state = 'declined', decline_code = 'expired', resolved_at = :now
from (
    select id from payments.attempts
    where state = 'created' and provider <> 'cod' and created_at < :before
    order by created_at limit 20 for update skip locked
) as due
where a.id = due.id returning a.id;

-- name: cash_due
-- Cash that is to be collected for a parcel.
select amount_poisha from payments.attempts where order_id = :order_id and provider = 'cod' and state = 'created';

-- name: settle_cash
-- The courier has the cash, or the parcel came back.
update payments.attempts set state = :state, decline_code = :decline_code, resolved_at = :now
where order_id = :order_id and provider = 'cod' and state = 'created' returning id;

-- name: captured_attempt
-- The attempt that paid a group.
select * from payments.attempts where group_id = :group_id and state = 'captured' and order_id is null for update;

-- name: open_refund
-- Money owed back for one order; once.
insert into payments.refunds (id, attempt_id, order_id, amount_poisha, reason)
values (:id, :attempt_id, :order_id, :amount_poisha, :reason) on conflict (attempt_id, order_id) do nothing returning id;

-- name: claim_refund
-- One refund to be made or to be asked about.
update payments.refunds r set state = 'submitted', locked_until = :locked_until
from (
    select id, state from payments.refunds
    where state in ('created', 'submitted', 'unknown') and coalesce(locked_until, '-infinity') < :now
    order by created_at limit 1 for update skip locked
) as due
where r.id = due.id
returning r.id, r.order_id, r.amount_poisha, r.reason, r.attempt_id, due.state as previous_state;

-- name: find_paid_attempt
-- What a refund is made against.
select provider_payment_id, provider_transaction_id, provider, group_id from payments.attempts where id = :id;

-- name: resolve_refund
-- The outcome of a refund, once.
update payments.refunds set state = :state, provider_refund_id = :provider_refund_id, locked_until = :locked_until,
    resolved_at = case when :state in ('refunded', 'failed') then :now end
where id = :id and state = 'submitted' returning id;
