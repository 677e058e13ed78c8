-- name: enrol
-- A fresh secret that waits for its first code; a confirmed one stays.
insert into identity.second_factors as f (user_id, secret_encrypted, enrolled_at) values (:user_id, :secret_encrypted, :now)
on conflict (user_id) do update set secret_encrypted = :secret_encrypted, enrolled_at = :now, last_step = 0
where f.confirmed_at is null;

-- name: lock_factor
-- A user's second factor, locked.
select secret_encrypted, confirmed_at, last_step from identity.second_factors where user_id = :user_id for update;

-- name: use_step
-- A time step serves once: an earlier or equal one is a replay.
update identity.second_factors set last_step = :step, confirmed_at = coalesce(confirmed_at, :now)
where user_id = :user_id and last_step < :step;

-- name: replace_recovery_codes
-- Fresh recovery codes; the old ones end.
with gone as (delete from identity.recovery_codes where user_id = :user_id)
insert into identity.recovery_codes (user_id, code_hash) select :user_id, unnest(:hashes::text[]);

-- name: use_recovery_code
-- A recovery code serves once.
update identity.recovery_codes set used_at = :now where user_id = :user_id and code_hash = :code_hash and used_at is null;

-- name: remove
-- The user does without a second factor again.
with codes as (delete from identity.recovery_codes where user_id = :user_id)
delete from identity.second_factors where user_id = :user_id;
