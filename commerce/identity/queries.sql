-- name: add_user
-- A new account; no row if the phone or e-mail has one already.
insert into identity.users
    (id, kind, full_name, phone_encrypted, phone_index, email_encrypted, email_index, password_hash, scopes, locale, district_code)
values (:id, :kind, :full_name, :phone_encrypted, :phone_index, :email_encrypted, :email_index, :password_hash, :scopes,
        :locale, :district_code)
on conflict do nothing returning id;

-- name: find_login
-- The account behind a phone or e-mail.
select id, password_hash, scopes, locale from identity.users
where phone_index = :phone_index::text or email_index = :email_index::text;

-- name: set_password
-- Give an account new credentials and rights (staff accounts of a fresh installation).
update identity.users set password_hash = :password_hash, scopes = :scopes where email_index = :email_index;

-- name: find_user
-- An account.
select id, kind, full_name, scopes, locale, district_code, created_at from identity.users where id = :id;
