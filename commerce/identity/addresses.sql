-- name: lock_user
-- Requests of one user take turns; a count in the same statement would still see the time before the wait.
select id from identity.users where id = :user_id for update;

-- name: count_addresses
-- How many addresses a user has.
select count(*) as kept from identity.addresses where user_id = :user_id;

-- name: clear_default
-- No address of the user is the default.
update identity.addresses set is_default = false where user_id = :user_id and is_default;

-- name: add_address
-- A new address.
insert into identity.addresses (id, user_id, label, recipient_encrypted, phone_encrypted, line_encrypted, district_code,
    area_code, post_code, is_default, created_at)
values (:id, :user_id, :label, :recipient_encrypted, :phone_encrypted, :line_encrypted, :district_code, :area_code,
    :post_code, :is_default, :now)
returning *;

-- name: change_address
-- Replace an address of a user.
update identity.addresses set label = :label, recipient_encrypted = :recipient_encrypted,
    phone_encrypted = :phone_encrypted, line_encrypted = :line_encrypted, district_code = :district_code,
    area_code = :area_code, post_code = :post_code, is_default = is_default or :is_default
where id = :id and user_id = :user_id returning *;

-- name: remove_address
-- Remove an address of a user.
delete from identity.addresses where id = :id and user_id = :user_id returning is_default;

-- name: promote_newest
-- The newest address becomes the default.
update identity.addresses set is_default = true
where id = (select id from identity.addresses where user_id = :user_id order by id desc limit 1);

-- name: find_address
-- An address of a user.
select * from identity.addresses where id = :id and user_id = :user_id;

-- name: list_addresses
-- A user's addresses, newest first.
select * from identity.addresses where user_id = :user_id and (:before::uuid is null or id < :before::uuid)
order by id desc limit :limit;
