-- name: recent_codes
-- How many codes a phone got within the hour, the first and the last.
select count(*) as sent, max(created_at) as last_at, min(created_at) as first_at
from identity.challenges where phone_index = :phone_index and created_at > :since and purpose = 'phone';

-- name: lock_phone
-- Requests for one phone take turns.
select pg_advisory_xact_lock(hashtextextended(:phone_index, 1));

-- name: add_challenge
-- A question that waits for its answer.
insert into identity.challenges
    (id, purpose, phone_index, phone_encrypted, user_id, code_hash, device_index, created_at, expires_at)
values (:id, :purpose, :phone_index, :phone_encrypted, :user_id, :code_hash, :device_index, :now, :expires_at);

-- name: hand_over
-- A message for whoever sends it, encrypted.
insert into identity.outgoing_codes (challenge_id, template, locale, recipient_encrypted, params_encrypted, created_at)
values (:challenge_id, :template, :locale, :recipient_encrypted, :params_encrypted, :now);

-- name: try_challenge
-- Count one try before the answer is looked at; no row if it is used, over or tried too often.
update identity.challenges set tries = tries + 1
where id = :id and purpose = :purpose and used_at is null and expires_at > :now and tries < :most
returning id, phone_index, phone_encrypted, user_id, code_hash, device_index;

-- name: use_challenge
-- The answer was right: it serves once.
update identity.challenges set used_at = :now where id = :id and used_at is null;

-- name: take_message
-- A message that waits, once: whoever sends it keeps it from now on.
delete from identity.outgoing_codes where challenge_id = :challenge_id
returning template, locale, recipient_encrypted, params_encrypted;
