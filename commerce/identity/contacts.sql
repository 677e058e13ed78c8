-- name: contact_of
-- How an account can be reached, encrypted.
select phone_encrypted, email_encrypted, locale from identity.users where id = :id;
