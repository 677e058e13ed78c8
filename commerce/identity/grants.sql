-- name: grant
-- Give a role; no row if the user has it.
insert into identity.role_grants (id, user_id, role, scope_type, scope_id, granted_by, granted_at)
values (:id, :user_id, :role, :scope_type, :scope_id, :granted_by, :now)
on conflict (user_id, role, scope_type, scope_id) where revoked_at is null do nothing
returning id, user_id, role, scope_type, scope_id, granted_at;

-- name: revoke
-- Take a role back.
update identity.role_grants set revoked_at = :now, revoked_by = :revoked_by
where user_id = :user_id and role = :role and scope_type = :scope_type and scope_id = :scope_id and revoked_at is null;

-- name: list_grants
-- A user's live roles, newest first.
select id, user_id, role, scope_type, scope_id, granted_at from identity.role_grants
where user_id = :user_id and revoked_at is null and (:before::uuid is null or id < :before::uuid)
order by id desc limit :limit;

-- name: lock_admins
-- Changes of admins take turns: of two who revoke each other one comes second.
select pg_advisory_xact_lock(hashtextextended('identity.admins', 1));

-- name: other_admins
-- How many others may administer.
select count(*) as others from identity.users u
where u.id <> :user_id and ('admin' = any(string_to_array(u.scopes, ' ')) or exists (
    select 1 from identity.role_grants g where g.user_id = u.id and g.role = 'admin' and g.revoked_at is null));

-- name: user_exists
-- Whether there is such a user, and that it is no guest.
select 1 from identity.users where id = :user_id and not is_guest;

-- name: add_key
-- A new key; its secret is kept as a keyed hash.
insert into identity.api_keys (id, user_id, name, prefix, secret_hash, scopes, created_at, expires_at)
values (:id, :user_id, :name, :prefix, :secret_hash, :scopes, :now, :expires_at)
returning id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at;

-- name: lock_user
-- Requests of one user take turns; a count in the same statement would still see the time before the wait.
select id from identity.users where id = :user_id for update;

-- name: count_keys
-- How many live keys a user has.
select count(*) as live from identity.api_keys where user_id = :user_id and revoked_at is null and expires_at > :now;

-- name: find_key
-- A live key by the part that is not secret, and when it was last used.
select id, user_id, secret_hash, scopes, last_used_at from identity.api_keys
where prefix = :prefix and revoked_at is null and expires_at > :now;

-- name: key_used
-- Note a key's use; once a minute is enough.
update identity.api_keys set last_used_at = :now where id = :id;

-- name: revoke_key
-- End a key of a user.
update identity.api_keys set revoked_at = :now where id = :id and user_id = :user_id and revoked_at is null;

-- name: list_keys
-- A user's keys, newest first.
select id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at from identity.api_keys
where user_id = :user_id and (:before::uuid is null or id < :before::uuid)
order by id desc limit :limit;
