-- name: open_session
-- A log-in and the first token of its family.
with opened as (
    insert into identity.sessions (id, user_id, device_index, platform, method, created_at, last_used_at)
    values (:id, :user_id, :device_index, :platform, :method, :now, :now)
)
insert into identity.refresh_tokens (token_hash, session_id, created_at, expires_at)
values (:token_hash, :id, :now, :expires_at);

-- name: remember_device
-- Note a device of a user; tells whether it is new and whether it is the user's first.
with known as (select count(*) as others from identity.devices where user_id = :user_id),
noted as (
    insert into identity.devices as d (id, user_id, device_index, platform, first_seen_at, last_seen_at)
    values (:id, :user_id, :device_index, :platform, :now, :now)
    on conflict (user_id, device_index) do update set last_seen_at = :now
    returning d.id, d.first_seen_at = d.last_seen_at as is_new
)
select noted.id, noted.is_new, known.others = 0 as is_first from noted, known;

-- name: lock_refresh_token
-- A refresh token with its session, both locked: of two uses at once the second sees the first.
select t.token_hash, t.session_id, t.expires_at, t.used_at, t.used_by, s.user_id, s.revoked_at
from identity.refresh_tokens t join identity.sessions s on s.id = t.session_id
where t.token_hash = :token_hash for update;

-- name: rotate
-- A successor of a refresh token.
with used as (
    update identity.refresh_tokens set used_at = coalesce(used_at, :now), used_by = :client_index,
        replaced_by = coalesce(replaced_by, :fresh_hash)
    where token_hash = :token_hash
),
seen as (
    update identity.sessions set last_used_at = :now where id = :session_id
)
insert into identity.refresh_tokens (token_hash, session_id, created_at, expires_at)
values (:fresh_hash, :session_id, :now, :expires_at);

-- name: revoke_session
-- End a session of a user.
update identity.sessions set revoked_at = :now, revoked_for = :reason
where id = :session_id and user_id = :user_id and revoked_at is null;

-- name: revoke_sessions
-- End every session of a user.
update identity.sessions set revoked_at = :now, revoked_for = :reason where user_id = :user_id and revoked_at is null;

-- name: list_sessions
-- A user's live sessions, newest first.
select id, platform, method, created_at, last_used_at from identity.sessions
where user_id = :user_id and revoked_at is null and (:before::uuid is null or id < :before::uuid)
order by id desc limit :limit;

-- name: list_devices
-- A user's devices, newest first.
select id, platform, first_seen_at, last_seen_at from identity.devices
where user_id = :user_id and (:before::uuid is null or id < :before::uuid)
order by id desc limit :limit;

-- name: rights
-- What a user may do: own scopes and live roles.
select u.id, u.scopes, u.locale, u.is_guest,
    array(select g.role from identity.role_grants g where g.user_id = u.id and g.revoked_at is null) as roles,
    exists (select 1 from identity.second_factors f where f.user_id = u.id and f.confirmed_at is not null) as has_second_factor
from identity.users u where u.id = :user_id;
