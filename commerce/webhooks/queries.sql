-- name: add_endpoint
-- A seller's new endpoint; no row if the seller has twenty already.
insert into webhooks.endpoints (id, seller_id, url, description, event_types, secret_encrypted, created_at)
select :id, :seller_id, :url, :description, :event_types, :secret_encrypted, :now
where (select count(*) from webhooks.endpoints where seller_id = :seller_id and state = 'active') < 20
returning id;

-- name: list_endpoints
-- A seller's endpoints, newest first.
select id, url, description, event_types, state, disabled_reason, failures, created_at, old_secret_until_at
from webhooks.endpoints where seller_id = :seller_id and (:before::uuid is null or id < :before::uuid)
order by id desc limit :limit;

-- name: find_endpoint
-- One endpoint of a seller.
select id, url, description, event_types, state, disabled_reason, failures, created_at, old_secret_until_at
from webhooks.endpoints where id = :id and seller_id = :seller_id;

-- name: update_endpoint
-- Change an endpoint of a seller; turning it on again forgives its failures.
update webhooks.endpoints set url = coalesce(:url, url), description = coalesce(:description, description),
    event_types = coalesce(:event_types::text[], event_types),
    disabled_reason = case when :state = 'disabled' then 'by the seller' when :state = 'active' then null else disabled_reason end,
    failures = case when :state = 'active' then 0 else failures end, state = coalesce(:state, state)
where id = :id and seller_id = :seller_id
returning id, url, description, event_types, state, disabled_reason, failures, created_at, old_secret_until_at;

-- name: rotate_secret
-- A new secret; the present one goes on signing beside it for a while.
update webhooks.endpoints set old_secret_encrypted = secret_encrypted, old_secret_until_at = :until_at,
    secret_encrypted = :secret_encrypted
where id = :id and seller_id = :seller_id returning id;

-- name: owners_of_offer
-- The seller of an offer.
select seller_id from catalog.offers where id = :offer_id;

-- name: add_deliveries
-- An event for every active endpoint of a seller that wants to hear of its kind; once each.
insert into webhooks.deliveries (id, endpoint_id, event_id, event_type, document, next_try_at, created_at)
select gen_random_uuid(), e.id, :event_id, :event_type, :document, :now, :now
from webhooks.endpoints e
where e.seller_id = :seller_id and e.state = 'active' and :event_type = any(e.event_types)
on conflict do nothing;

-- name: add_test
-- A test event for one endpoint.
insert into webhooks.deliveries (id, endpoint_id, event_id, event_type, document, next_try_at, created_at)
values (:id, :endpoint_id, :event_id, :event_type, :document, :now, :now);

-- name: list_deliveries
-- Deliveries of an endpoint, newest first, with their tries.
select d.id, d.event_id, d.event_type, d.state, d.tries, d.replay_no, d.created_at, d.next_try_at, d.closed_at,
    coalesce((select jsonb_agg(jsonb_build_object('try_no', a.try_no, 'status_code', a.status_code, 'reason', a.reason,
        'duration_ms', a.duration_ms, 'attempted_at', a.attempted_at) order by a.try_no)
     from webhooks.attempts a where a.delivery_id = d.id), '[]') as attempts
from webhooks.deliveries d
where d.endpoint_id = :endpoint_id and (:state::text is null or d.state = :state)
    and (:before_at::timestamptz is null or (d.created_at, d.id) < (:before_at::timestamptz, :before_id::uuid))
order by d.created_at desc, d.id desc limit :limit;

-- name: replay
-- Deliver again: one delivery, or all since an instant (at most a thousand); each as a new delivery of the same event.
with chosen as (
    select distinct on (d.event_id) d.event_id, d.event_type, d.document
    from webhooks.deliveries d
    where d.endpoint_id = :endpoint_id and (:delivery_id::uuid is null or d.id = :delivery_id::uuid)
        and (:since::timestamptz is null or d.created_at >= :since::timestamptz)
    order by d.event_id limit 1000
)
insert into webhooks.deliveries (id, endpoint_id, event_id, replay_no, event_type, document, next_try_at, created_at)
select gen_random_uuid(), :endpoint_id, c.event_id,
    1 + (select max(d.replay_no) from webhooks.deliveries d where d.endpoint_id = :endpoint_id and d.event_id = c.event_id),
    c.event_type, c.document, :now, :now
from chosen c
on conflict do nothing returning id;

-- name: take_due
-- Deliveries whose time has come, put off until a process that dies with them would be missed.
update webhooks.deliveries d set tries = d.tries + 1, next_try_at = :stale_at
from webhooks.endpoints e
where e.id = d.endpoint_id and d.id in (
    select x.id from webhooks.deliveries x join webhooks.endpoints y on y.id = x.endpoint_id and y.state = 'active'
    where x.state = 'pending' and x.next_try_at <= :now order by x.next_try_at limit :limit for update of x skip locked)
returning d.id, d.endpoint_id, d.event_id, d.document, d.tries, e.url, e.secret_encrypted, e.old_secret_encrypted,
    e.old_secret_until_at;

-- name: note_attempt
-- One try of a delivery and what it means for the delivery and the endpoint.
with noted as (
    insert into webhooks.attempts (delivery_id, try_no, status_code, reason, duration_ms, attempted_at)
    values (:id, :tries, :status_code, :reason, :duration_ms, :now) on conflict do nothing
),
moved as (
    update webhooks.deliveries set state = :state, next_try_at = coalesce(:next_try_at, next_try_at),
        closed_at = case when :state <> 'pending' then :now::timestamptz end
    where id = :id and state = 'pending' returning endpoint_id
)
update webhooks.endpoints e set
    failures = case when :is_success then 0 else e.failures + 1 end,
    state = case when :is_gone or (not :is_success and e.failures + 1 >= :give_up_after) then 'disabled' else e.state end,
    disabled_reason = case when :is_gone then 'the receiver answered 410'
        when not :is_success and e.failures + 1 >= :give_up_after then 'too many failures in a row' else e.disabled_reason end
from moved m where e.id = m.endpoint_id;
