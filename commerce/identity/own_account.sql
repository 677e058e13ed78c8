-- name: change_account
-- What people say of themselves; a field that was not given stays.
update identity.users set full_name = coalesce(:full_name::text, full_name), locale = coalesce(:locale::text, locale),
    district_code = case when :sets_district then :district_code::text else district_code end
where id = :id;

-- name: password_state
-- An account's password, and whether the session at hand was opened by a code by phone lately.
select u.password_hash, u.is_guest,
    exists (select 1 from identity.sessions s where s.id = :session_id::uuid and s.user_id = u.id
            and s.revoked_at is null and s.method = 'phone_code' and s.created_at > :since) as is_proved
from identity.users u where u.id = :id;

-- name: replace_password
-- A new password.
update identity.users set password_hash = :password_hash where id = :id;

-- name: end_others
-- Every session but the one at hand ends.
update identity.sessions set revoked_at = :now, revoked_for = 'logout'
where user_id = :id and revoked_at is null and id is distinct from :session_id::uuid;
