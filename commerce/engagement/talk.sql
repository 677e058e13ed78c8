-- name: open_thread
-- The thread of a buyer with a shop, made if it is the first. No row: no such shop.
with shop as (select id, name from sellers.sellers where id = :seller_id and status = 'approved'),
made as (
    insert into engagement.threads (id, buyer_id, seller_id, created_at, last_message_at)
    select :id, :buyer_id, shop.id, :now, :now from shop
    on conflict (buyer_id, seller_id) do update set last_message_at = engagement.threads.last_message_at
    returning id, buyer_id, seller_id, created_at, last_message_at, waiting_since_at
)
select m.*, shop.name as seller_name from made m, shop;

-- name: find_thread
-- A thread, if the caller takes part in it: as the buyer, or for the shop.
select t.id, t.buyer_id, t.seller_id, t.waiting_since_at, s.name as seller_name
from engagement.threads t join sellers.sellers s on s.id = t.seller_id
where t.id = :id and (t.buyer_id = :buyer_id::uuid or t.seller_id = :seller_id::uuid);

-- name: lock_thread
-- As `find_thread`, locked: messages of a thread follow one another.
select t.id, t.buyer_id, t.seller_id, t.waiting_since_at, s.name as seller_name
from engagement.threads t join sellers.sellers s on s.id = t.seller_id
where t.id = :id and (t.buyer_id = :buyer_id::uuid or t.seller_id = :seller_id::uuid) for update of t;

-- name: list_threads
-- Threads of a buyer, or of a shop, the latest talk first.
select t.id, t.buyer_id, t.seller_id, s.name as seller_name, t.created_at, t.last_message_at, t.waiting_since_at
from engagement.threads t join sellers.sellers s on s.id = t.seller_id
where (t.buyer_id = :buyer_id::uuid or t.seller_id = :seller_id::uuid)
    and (:before_at::timestamptz is null or (t.last_message_at, t.id) < (:before_at::timestamptz, :before_id::uuid))
order by t.last_message_at desc, t.id desc limit :limit;

-- name: add_message
-- A message, masked and encrypted.
insert into engagement.messages (id, thread_id, written_by, author_id, product_id, text_encrypted, hidden_kinds, written_at)
values (:id, :thread_id, :written_by, :author_id, :product_id, :text_encrypted, :hidden_kinds, :now);

-- name: touch_thread
-- What a message changes in its thread: the buyer waits, or waits no longer.
update engagement.threads set last_message_at = :now,
    waiting_since_at = case when :written_by = 'buyer' then coalesce(waiting_since_at, :now::timestamptz) end
where id = :id;

-- name: add_answer
-- The shop has answered: how long the buyer waited.
insert into engagement.answers (message_id, seller_id, asked_at, answered_at) values (:message_id, :seller_id, :asked_at, :now);

-- name: list_messages
-- Messages of a thread, newest first.
select id, thread_id, written_by, product_id, text_encrypted, hidden_kinds, written_at
from engagement.messages where thread_id = :thread_id and (:before::uuid is null or id < :before::uuid)
order by id desc limit :limit;

-- name: find_message
-- One message.
select id, thread_id, written_by, product_id, text_encrypted, hidden_kinds, written_at from engagement.messages where id = :id;

-- name: response_time
-- How a shop answers: median and share within a day since an instant, and who has waited longer than a day now.
select count(*) as answered,
    (percentile_cont(0.5) within group (order by extract(epoch from answered_at - asked_at)))::bigint as median_seconds,
    count(*) filter (where answered_at - asked_at <= interval '24 hours') as within_day,
    (select count(*) from engagement.threads t where t.seller_id = :seller_id and t.waiting_since_at < :day_ago) as overdue
from engagement.answers where seller_id = :seller_id and answered_at >= :since;
