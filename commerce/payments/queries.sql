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
with before as (
    select id, state from payments.attempts
    where id = :id and (state = 'created' or (state in ('submitted', 'unknown') and coalesce(locked_until, '-infinity') < :now))
    for update
), moved as (
    update payments.attempts a set state = 'submitted', locked_until = :locked_until from before b
    where a.id = b.id returning a.id, b.state as from_state
), noted as (
    insert into payments.attempt_transitions (attempt_id, from_state, to_state)
    select id, from_state, 'submitted' from moved where from_state <> 'submitted'
)
select id from moved;

-- name: resolve
-- The outcome, once.
with before as (
    select id, state from payments.attempts where id = :id and state = any(:from_states) for update
), moved as (
    update payments.attempts a
    set state = :state, provider_transaction_id = coalesce(:transaction_id, provider_transaction_id),
        payer_index = coalesce(:payer_index, payer_index), locked_until = :locked_until,
        decline_code = case when :state = 'declined' then :detail end,
        resolved_at = case when :state in ('captured', 'declined') then :now end
    from before b where a.id = b.id returning a.id, b.state as from_state
), noted as (
    insert into payments.attempt_transitions (attempt_id, from_state, to_state, detail)
    select id, from_state, :state, :detail from moved where from_state <> :state
)
select id from moved;

-- name: abandon
-- The buyer gives up before anything was asked of the provider.
with moved as (
    update payments.attempts set state = 'declined', decline_code = :code, resolved_at = now()
    where group_id = :group_id and state = 'created' returning id
)
insert into payments.attempt_transitions (attempt_id, from_state, to_state, detail)
select id, 'created', 'declined', :code from moved;

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
with due as (
    select id from payments.attempts
    where state = 'created' and provider <> 'cod' and created_at < :before
    order by created_at limit 20 for update skip locked
), moved as (
    update payments.attempts a set state = 'declined', decline_code = 'expired', resolved_at = :now
    from due where a.id = due.id returning a.id
), noted as (
    insert into payments.attempt_transitions (attempt_id, from_state, to_state, detail)
    select id, 'created', 'declined', 'expired' from moved
)
select id from moved;

-- name: cash_due
-- Cash that is to be collected for a parcel.
select amount_poisha from payments.attempts where order_id = :order_id and provider = 'cod' and state = 'created';

-- name: settle_cash
-- The courier has the cash, or the parcel came back.
with moved as (
    update payments.attempts set state = :state, decline_code = :decline_code, resolved_at = :now
    where order_id = :order_id and provider = 'cod' and state = 'created' returning id, amount_poisha
), noted as (
    insert into payments.attempt_transitions (attempt_id, from_state, to_state, detail)
    select id, 'created', :state, :decline_code from moved
)
select id, amount_poisha from moved;

-- name: lower_cash
-- Less is to be collected at the door: a part of the order will not be sent.
update payments.attempts set amount_poisha = amount_poisha - :amount_poisha,
    shares = jsonb_build_array(jsonb_build_object('order_id', order_id, 'amount_poisha', amount_poisha - :amount_poisha))
where order_id = :order_id and provider = 'cod' and state = 'created' and amount_poisha > :amount_poisha;

-- name: captured_attempt
-- The attempt that paid an order, alone or with its group.
select * from payments.attempts
where group_id = :group_id and state = 'captured' and (order_id is null or order_id = :order_id) for update;

-- name: find_cause
-- Whether something was refunded for a cause before.
select id from payments.refunds where cause_key = :cause_key;

-- name: open_refund
-- Money owed back for an order; never more than its share of what was captured.
insert into payments.refunds (id, attempt_id, order_id, amount_poisha, cause_key, reason)
select :id, a.id, :order_id, :amount_poisha, :cause_key, :reason
from payments.attempts a cross join jsonb_array_elements(a.shares) as share
where a.id = :attempt_id and (share ->> 'order_id')::uuid = :order_id
    and (share ->> 'amount_poisha')::bigint >= :amount_poisha + coalesce((
        select sum(r.amount_poisha) from payments.refunds r where r.order_id = :order_id), 0)
returning id;

-- name: set_destination
-- Where a refund of cash is sent; a new one is a new transfer for the bank.
insert into payments.refund_destinations (refund_id, account_encrypted) values (:refund_id, :account_encrypted)
on conflict (refund_id) do update set account_encrypted = excluded.account_encrypted,
    version = payments.refund_destinations.version + 1;

-- name: find_destination
-- Where a refund of cash is sent.
select account_encrypted, version from payments.refund_destinations where refund_id = :refund_id;

-- name: find_address
-- The address of a group, encrypted.
select address_encrypted from orders.order_groups where id = :group_id;

-- name: reopen_refund
-- A refund that could not be sent is sent to another wallet; only its buyer may say which.
update payments.refunds r set state = 'created', locked_until = null, resolved_at = null, provider_refund_id = null
from orders.orders o join orders.order_groups g on g.id = o.group_id
where r.id = :id and r.state = 'failed' and o.id = r.order_id and g.buyer_id = :buyer_id
returning r.id, r.order_id, r.amount_poisha, r.state;

-- name: bounce_refund
-- The bank sent money out and got it back.
update payments.refunds set state = 'failed', resolved_at = :now
where id = :id and state = 'refunded' and provider_refund_id = :reference
returning id, order_id, amount_poisha;

-- name: find_transfer
-- Whether a refund was sent to its n-th wallet, and whether what became of that is still to be noted.
select r.state in ('submitted', 'unknown') and d.version = :version as is_open
from payments.refunds r join payments.refund_destinations d on d.refund_id = r.id
where r.id = :id and d.version >= :version;

-- name: refunds_of_buyer
-- Refunds of a buyer, newest first.
select r.id, r.order_id, r.amount_poisha, r.state, a.provider, r.created_at, r.resolved_at
from payments.refunds r join payments.attempts a on a.id = r.attempt_id
join orders.order_groups g on g.id = a.group_id
where g.buyer_id = :buyer_id and (:before_id::uuid is null or r.id < :before_id::uuid) order by r.id desc limit :limit;

-- name: claim_refund
-- One refund to be made or to be asked about.
update payments.refunds r set state = 'submitted', locked_until = :locked_until
from (
    select id, state from payments.refunds
    where state in ('created', 'submitted', 'unknown') and coalesce(locked_until, '-infinity') < :now
    order by created_at limit 1 for update skip locked
) as due
where r.id = due.id
returning r.id, r.order_id, r.amount_poisha, r.reason, r.attempt_id, r.cause_key, due.state as previous_state;

-- name: find_paid_attempt
-- What a refund is made against.
select provider_payment_id, provider_transaction_id, provider, group_id from payments.attempts where id = :id;

-- name: resolve_refund
-- The outcome of a refund, once.
update payments.refunds set state = :state, provider_refund_id = :provider_refund_id, locked_until = :locked_until,
    resolved_at = case when :state in ('refunded', 'failed') then :now end
where id = :id and state = 'submitted' returning id;
