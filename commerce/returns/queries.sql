-- name: add_request
-- A buyer wants to send goods back.
insert into returns.requests
    (id, order_id, buyer_id, seller_id, reason, wish, note_encrypted, photos, wallet_encrypted, due_at, created_at)
values (:id, :order_id, :buyer_id, :seller_id, :reason, :wish, :note, :photos, :wallet, :due_at, :now);

-- name: add_request_lines
-- What is to be sent back.
insert into returns.request_lines (request_id, line_no, quantity)
select :request_id, l.line_no, l.quantity from unnest(:line_nos::int[], :quantities::int[]) as l (line_no, quantity);

-- name: lines_under_way
-- How many of each line open returns of an order speak of.
select l.line_no, sum(l.quantity)::int as quantity
from returns.request_lines l join returns.requests r on r.id = l.request_id
where r.order_id = :order_id and r.state = any(:open_states::text[]) group by l.line_no;

-- name: find_request
-- A return.
select * from returns.requests where id = :id;

-- name: lock_request
-- A return, locked; its order's row is locked before it.
select * from returns.requests where id = :id for update;

-- name: request_lines
-- Lines of a return.
select line_no, quantity, accepted, good from returns.request_lines where request_id = :request_id order by line_no;

-- name: move_request
-- Change the state of a return and note it.
with moved as (
    update returns.requests set state = :to_state, due_at = :due_at,
        answer_encrypted = coalesce(:answer, answer_encrypted), pickup_reference = coalesce(:pickup_reference, pickup_reference),
        closed_at = case when :is_over then :at end
    where id = :id and state = :from_state returning id
)
insert into returns.transitions (subject, subject_id, from_state, to_state, actor_id, occurred_at)
select 'return', id, :from_state, :to_state, :actor_id, :at from moved;

-- name: note_findings
-- What was found of the lines of a return.
update returns.request_lines l set accepted = f.accepted, good = f.good
from unnest(:line_nos::int[], :accepted::int[], :good::int[]) as f (line_no, accepted, good)
where l.request_id = :request_id and l.line_no = f.line_no;

-- name: due_requests
-- Returns whose deadline is over, oldest first.
select id, order_id, state from returns.requests where due_at <= :now order by due_at limit 50;

-- name: list_requests
-- Returns of a buyer or of a seller, newest first.
select id, order_id, state, reason, wish, due_at, created_at, closed_at from returns.requests
where (:buyer_id::uuid is null or buyer_id = :buyer_id::uuid) and (:seller_id::uuid is null or seller_id = :seller_id::uuid)
    and (:state::text is null or state = :state) and (:before_id::uuid is null or id < :before_id::uuid)
order by id desc limit :limit;

-- name: add_dispute
-- A buyer quarrels; one at a time for each order.
insert into returns.disputes
    (id, order_id, request_id, buyer_id, seller_id, kind, note_encrypted, photos, wallet_encrypted, due_at, created_at)
values (:id, :order_id, :request_id, :buyer_id, :seller_id, :kind, :note, :photos, :wallet, :due_at, :now)
on conflict (order_id) where state in ('opened', 'answered') do nothing returning id;

-- name: add_dispute_lines
-- What the quarrel is about.
insert into returns.dispute_lines (dispute_id, line_no, quantity)
select :dispute_id, l.line_no, l.quantity from unnest(:line_nos::int[], :quantities::int[]) as l (line_no, quantity);

-- name: dispute_lines
-- What the quarrel is about.
select line_no, quantity from returns.dispute_lines where dispute_id = :dispute_id order by line_no;

-- name: find_dispute
-- A dispute.
select * from returns.disputes where id = :id;

-- name: lock_dispute
-- A dispute, locked; its order's row is locked before it.
select * from returns.disputes where id = :id for update;

-- name: disputed_before
-- Whether a return, or the arrival of an order, was quarrelled about before.
select 1 as known from returns.disputes
where order_id = :order_id and state <> 'withdrawn' and request_id is not distinct from :request_id::uuid;

-- name: move_dispute
-- Change the state of a dispute and note it.
with moved as (
    update returns.disputes set state = :to_state, due_at = :due_at, decided_by = :decided_by,
        answer_encrypted = coalesce(:answer, answer_encrypted), decision_encrypted = coalesce(:decision, decision_encrypted),
        closed_at = case when :is_over then :at end
    where id = :id and state = :from_state returning id
)
insert into returns.transitions (subject, subject_id, from_state, to_state, actor_id, occurred_at)
select 'dispute', id, :from_state, :to_state, :actor_id, :at from moved;

-- name: due_disputes
-- Disputes whose deadline is over, oldest first.
select id, order_id, state from returns.disputes where due_at <= :now order by due_at limit 50;

-- name: clear_deadline
-- Support is late with a dispute; it is told once.
update returns.disputes set due_at = null where id = :id and state = 'answered' and due_at <= :now returning id;

-- name: list_disputes
-- Disputes of a buyer, of a seller or of all, newest first.
select id, order_id, request_id, kind, state, decided_by, due_at, created_at, closed_at from returns.disputes
where (:buyer_id::uuid is null or buyer_id = :buyer_id::uuid) and (:seller_id::uuid is null or seller_id = :seller_id::uuid)
    and (:state::text is null or state = :state) and (:before_id::uuid is null or id < :before_id::uuid)
order by id desc limit :limit;

-- name: promised_by
-- By when an order was to be delivered.
select due_at from shipping.sla_clocks where order_id = :order_id and kind = 'delivery';

-- name: set_window
-- For how many days goods of a category may be sent back.
insert into returns.windows (category_path, days) values (:category_path, :days)
on conflict (category_path) do update set days = excluded.days;

-- name: list_windows
-- Every category with a window of its own.
select category_path, days from returns.windows
where :after::text is null or category_path > :after order by category_path limit :limit;
