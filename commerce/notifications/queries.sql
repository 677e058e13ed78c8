-- name: add_notice
-- Put a text into somebody's inbox; no row if this event has been told already.
insert into notifications.notices (id, user_id, event_id, category, template, params_encrypted, created_at)
values (:id, :user_id, :event_id, :category, :template, :params_encrypted, :now)
on conflict do nothing returning id;

-- name: list_notices
-- Somebody's inbox, newest first.
select id, category, template, params_encrypted, created_at, read_at from notifications.notices
where user_id = :user_id and (:before::uuid is null or id < :before::uuid) and (not :unread_only or read_at is null)
order by id desc limit :limit;

-- name: count_unread
-- How many notices wait to be read.
select count(*) as unread from notifications.notices where user_id = :user_id and read_at is null;

-- name: read_notice
-- Mark a notice of one's own as read; the first time counts.
update notifications.notices set read_at = coalesce(read_at, :now) where id = :id and user_id = :user_id returning id;

-- name: wishes_of
-- What somebody chose: channels by category, quiet hours, digests.
select h.quiet_from_minute, h.quiet_until_minute, h.digest_categories,
    (select jsonb_agg(jsonb_build_array(p.category, p.channel, p.is_on)) from notifications.preferences p
     where p.user_id = u.user_id) as choices
from (select :user_id::uuid as user_id) u left join notifications.habits h on h.user_id = u.user_id;

-- name: set_habits
-- Replace somebody's quiet hours and digests.
insert into notifications.habits (user_id, quiet_from_minute, quiet_until_minute, digest_categories)
values (:user_id, :quiet_from_minute, :quiet_until_minute, :digest_categories)
on conflict (user_id) do update set quiet_from_minute = excluded.quiet_from_minute,
    quiet_until_minute = excluded.quiet_until_minute, digest_categories = excluded.digest_categories;

-- name: set_preferences
-- Replace somebody's choices of channels.
insert into notifications.preferences (user_id, category, channel, is_on)
select :user_id, w.category, w.channel, w.is_on
from unnest(:categories::text[], :channels::text[], :are_on::boolean[]) as w (category, channel, is_on)
on conflict (user_id, category, channel) do update set is_on = excluded.is_on;

-- name: add_device
-- A device that may be pushed to; it belongs to whoever logged in on it last.
insert into notifications.devices (token_index, user_id, platform, token_encrypted, added_at)
values (:token_index, :user_id, :platform, :token_encrypted, :now)
on conflict (token_index) do update set user_id = excluded.user_id, added_at = excluded.added_at;

-- name: forget_devices
-- Push to none of somebody's devices any more.
delete from notifications.devices where user_id = :user_id;

-- name: forget_device
-- The push service says that the app is gone from a device.
delete from notifications.devices where token_index = :token_index;

-- name: devices_of
-- Devices of somebody, latest first; a person with more than ten keeps the latest.
select token_encrypted from notifications.devices where user_id = :user_id order by added_at desc limit 10;

-- name: queue_messages
-- Messages to send, one for each recipient.
insert into notifications.messages
    (id, user_id, channel, template, locale, recipient_encrypted, params_encrypted, next_try_at, created_at)
select m.id, :user_id, m.channel, :template, :locale, m.recipient, m.params, m.next_try_at, :now
from unnest(:ids::uuid[], :channels::text[], :recipients::bytea[], :params::bytea[], :due::timestamptz[])
    as m (id, channel, recipient, params, next_try_at);

-- name: add_digest_entries
-- A notice that waits for the next digest on these channels.
insert into notifications.digest_entries (notice_id, channel, user_id, due_at)
select :notice_id, channel, :user_id, :due_at from unnest(:channels::text[]) as c (channel);

-- name: take_due
-- Messages whose time has come, marked as submitted before anybody is asked to send them.
update notifications.messages m set state = 'submitted', tries = m.tries + 1, submitted_at = :now, next_try_at = :stale_at
where m.id in (
    select id from notifications.messages where state = 'queued' and next_try_at <= :now
    order by next_try_at limit :limit for update skip locked)
returning m.*;

-- name: take_doubtful
-- Messages of which nobody knows whether they went out: silence of the provider, or a process that died meanwhile.
update notifications.messages m set state = 'unknown', next_try_at = :stale_at
where m.id in (
    select id from notifications.messages where state in ('unknown', 'submitted') and next_try_at <= :now
    order by next_try_at limit :limit for update skip locked)
returning m.*;

-- name: close_message
-- What became of a message; nothing if it is closed already.
update notifications.messages set state = :state, provider_reference = coalesce(:provider_reference, provider_reference),
    reason = :reason, next_try_at = :next_try_at,
    closed_at = case when :state in ('sent', 'failed') then :now::timestamptz end
where id = :id and state = any(:from_states::text[]) returning id;

-- name: due_digests
-- One person and channel whose digest is due, with what it holds; locked, so that it is made once.
with next as (
    select user_id, channel from notifications.digest_entries where message_id is null and due_at <= :now
    order by due_at, user_id limit 1
)
select e.user_id, e.channel, e.notice_id, n.template, n.params_encrypted
from next x join notifications.digest_entries e on e.user_id = x.user_id and e.channel = x.channel
join notifications.notices n on n.id = e.notice_id
where e.message_id is null and e.due_at <= :now order by e.notice_id for update of e;

-- name: close_digest
-- These notices have gone into a digest (or nobody could be sent one).
update notifications.digest_entries set message_id = :message_id
where notice_id = any(:notice_ids::uuid[]) and channel = :channel and message_id is null;

-- name: group_of_order
-- Checkout that an order belongs to: its number is what the buyer knows.
select group_id from orders.orders where id = :order_id;
