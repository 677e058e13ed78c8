-- name: take
-- Count an attempt before it is made: parallel guesses cannot slip through. A long silence starts anew.
insert into identity.attempts as a (key, count, last_at, blocked_until) values (:key, 1, :now, :now)
on conflict (key) do update set
    count = case when a.last_at < :forgiven then 1 else a.count + 1 end,
    last_at = :now
where a.blocked_until <= :now
returning count;

-- name: block
-- Let nobody try again before this instant.
update identity.attempts set blocked_until = :until where key = :key;

-- name: blocked_until
-- Until when nobody may try.
select blocked_until from identity.attempts where key = :key;

-- name: forgive
-- A success: the account's count starts anew, the source's loses this one.
update identity.attempts set count = case when key = :account then 0 else greatest(count - 1, 0) end, blocked_until = :now
where key in (:account, :source);
