-- name: describe_buyer
-- What a decision needs to know of the buyer's account.
select id, created_at, district_code from identity.users where id = :buyer_id;

-- name: keep_decision
-- The decision, kept with the order it was made for.
insert into risk.decisions (id, group_id, action, score, reasons, source, model_version, latency_ms, features)
values (:id, :group_id, :action, :score, :reasons, :source, :model_version, :latency_ms, :features);

-- name: action_of
-- What was decided for a group.
select action from risk.decisions where group_id = :group_id;

-- name: add_label
-- What an order turned out to be; the first word of each origin stands.
insert into risk.labels (id, group_id, is_fraud, origin, occurred_at, known_at)
values (:id, :group_id, :is_fraud, :origin, :occurred_at, :known_at)
on conflict (group_id, origin) do nothing returning id;

-- name: describe_group
-- Whom a label speaks of.
select g.id as group_id, g.buyer_id, g.device_index, g.phone_index,
    (select a.payer_index from payments.attempts a where a.group_id = g.id and a.payer_index is not null limit 1) as payer_index
from orders.order_groups g where g.id = :group_id;

-- name: list_decisions
-- Latest decisions, newest first.
select d.group_id, d.action, d.score, d.reasons, d.source, d.model_version, d.decided_at, g.number, g.total_poisha,
    g.payment_method
from risk.decisions d left join orders.order_groups g on g.id = d.group_id
where (:action::text is null or d.action = :action) order by d.decided_at desc limit :limit;
