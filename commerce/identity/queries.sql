-- name: add_user
-- A new account; no row if the phone or e-mail has one already.
insert into identity.users
    (id, kind, full_name, phone_encrypted, phone_index, email_encrypted, email_index, password_hash, scopes, locale,
     district_code, is_guest, phone_verified_at)
values (:id, :kind, :full_name, :phone_encrypted, :phone_index, :email_encrypted, :email_index, :password_hash, :scopes,
        :locale, :district_code, :is_guest, :phone_verified_at)
on conflict do nothing returning id;

-- name: claim_guest
-- A guest becomes an account and stays the same user; no row if it is no guest any more.
update identity.users set is_guest = false, full_name = coalesce(:full_name, full_name),
    phone_encrypted = :phone_encrypted, phone_index = :phone_index, email_encrypted = :email_encrypted,
    email_index = :email_index, password_hash = :password_hash, locale = :locale,
    district_code = coalesce(:district_code, district_code), phone_verified_at = :phone_verified_at
where id = :id and is_guest returning id;

-- name: is_taken
-- Whether a phone or e-mail has an account.
select 1 from identity.users where phone_index = :phone_index::text or email_index = :email_index::text;

-- name: find_login
-- The account behind a phone or e-mail.
select id, password_hash from identity.users
where phone_index = :phone_index::text or email_index = :email_index::text;

-- name: find_by_phone
-- The account of a phone, and whether the phone was ever proved.
select id, phone_verified_at from identity.users where phone_index = :phone_index for update;

-- name: attach_phone
-- An account without a phone gets the one its owner proved.
update identity.users set phone_encrypted = :phone_encrypted, phone_index = :phone_index, phone_verified_at = :now
where id = :id and phone_index is null and not is_guest returning id;

-- name: prove_phone
-- The phone is proved by its owner.
update identity.users set phone_verified_at = :now where id = :id;

-- name: take_over
-- The owner of a phone proves it for the first time: whatever a stranger may have set on the account before ends.
with factor as (delete from identity.second_factors where user_id = :id),
codes as (delete from identity.recovery_codes where user_id = :id),
keys as (update identity.api_keys set revoked_at = :now where user_id = :id and revoked_at is null)
update identity.users set phone_verified_at = :now, password_hash = null, email_index = null, email_encrypted = null
where id = :id;

-- name: set_password
-- Give an account new credentials and rights (staff accounts of a fresh installation).
update identity.users set password_hash = :password_hash, scopes = :scopes where email_index = :email_index;

-- name: find_user
-- An account.
select id, kind, full_name, scopes, locale, district_code, created_at, is_guest from identity.users where id = :id;
