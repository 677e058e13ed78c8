-- name: record
-- Note an action, in the transaction that does it.
insert into audit.records (id, actor_id, action, subject_kind, subject_id, detail)
values (:id, :actor_id, :action, :subject_kind, :subject_id, :detail);
