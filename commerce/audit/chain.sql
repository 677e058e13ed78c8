-- name: lock_chain
-- One writer of the chain at a time.
select pg_advisory_xact_lock(7300002);

-- name: last_link
-- The end of the chain.
select link_no, hash, xid::text as xid, seq from audit.links order by link_no desc limit 1;

-- name: unlinked
-- Records that are decided and not yet in the chain, in the order of commits.
select r.id, r.actor_id, r.action, r.subject_kind, r.subject_id, r.detail, r.recorded_at, r.xid::text as xid, r.seq
from audit.records r
where r.xid < platform.horizon() and (r.xid, r.seq) > (:xid::xid8, :seq::bigint)
order by r.xid, r.seq limit :limit;

-- name: add_links
-- Append to the chain.
insert into audit.links (link_no, record_id, xid, seq, hash)
select l.link_no, l.record_id, l.xid::xid8, l.seq, l.hash
from unnest(:numbers::bigint[], :record_ids::uuid[], :xids::text[], :seqs::bigint[], :hashes::text[])
    as l (link_no, record_id, xid, seq, hash);

-- name: last_checkpoint
-- The last signed link.
select coalesce(max(link_no), 0) as link_no from audit.checkpoints;

-- name: add_checkpoint
-- Sign the end of the chain.
insert into audit.checkpoints (link_no, hash, signature) values (:link_no, :hash, :signature) on conflict do nothing;

-- name: read_links
-- The chain with its records, a piece at a time; a record that is gone leaves nulls.
select l.link_no, l.hash, l.record_id, r.id, r.actor_id, r.action, r.subject_kind, r.subject_id, r.detail, r.recorded_at,
    c.hash as signed_hash, c.signature
from audit.links l left join audit.records r on r.id = l.record_id left join audit.checkpoints c on c.link_no = l.link_no
where l.link_no > :after order by l.link_no limit :limit;

-- name: newest_checkpoint
-- Up to which link the chain must reach.
select coalesce(max(link_no), 0) as link_no from audit.checkpoints;

-- name: list_records
-- Records, newest first, of one subject or all.
select id, actor_id, action, subject_kind, subject_id, detail, recorded_at from audit.records
where (:subject_kind::text is null or subject_kind = :subject_kind) and (:subject_id::text is null or subject_id = :subject_id)
    and (:before_id::uuid is null or id < :before_id::uuid)
order by id desc limit :limit;
