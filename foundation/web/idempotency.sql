-- name: find_answer
-- The request and answer kept under a key.
select request_sha256, state, status_code, body
from platform.idempotency_keys where principal_id = :principal_id and key = :key;

-- name: claim_key
-- Take the key before the work; waits for a running twin (up to lock_timeout), no row if one has finished.
insert into platform.idempotency_keys (principal_id, key, route, request_sha256, state, locked_until)
values (:principal_id, :key, :route, :request_sha256, 'started', now())
on conflict do nothing returning key;

-- name: store_answer
-- Keep the answer with the key.
update platform.idempotency_keys set state = 'done', status_code = :status_code, body = :body
where principal_id = :principal_id and key = :key;
