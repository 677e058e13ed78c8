-- name: owned
-- How many open shops a user owns; the user is locked by the caller's advisory lock.
select count(*) as shops from sellers.sellers where owner_user_id = :user_id and status <> 'closed';

-- name: take_turn
-- Changes of one thing take turns.
select pg_advisory_xact_lock(hashtextextended(:what, 2));

-- name: open_shop
-- A new shop with its owner and profile.
with opened as (
    insert into sellers.sellers (id, code, name, owner_user_id, status, tier, district_code, created_at)
    values (:id, :code, :name, :user_id, 'onboarding', 'new', :district_code, :now)
),
owner as (
    insert into sellers.members (seller_id, user_id, role, joined_at) values (:id, :user_id, 'seller_owner', :now)
)
insert into sellers.profiles (seller_id, legal_name_encrypted, description, dbid, updated_at)
values (:id, :legal_name_encrypted, :description, :dbid, :now);

-- name: lock_seller
-- A seller, locked.
select id, name, status, tier, holiday_until from sellers.sellers where id = :id for update;

-- name: find_public
-- What everybody may see of a seller that sells.
select s.id, s.name, s.district_code, s.created_at, s.tier = 'trusted' as is_trusted, coalesce(p.description, '') as description,
    p.dbid, case when s.holiday_until > :now then s.holiday_until end as holiday_until
from sellers.sellers s left join sellers.profiles p on p.seller_id = s.id
where s.id = :id and s.status = 'approved';

-- name: find_own
-- A seller as its own people see it.
select s.id, s.code, s.name, s.status, s.tier, s.holiday_until, s.district_code, s.commission_bp, s.created_at,
    coalesce(p.description, '') as description, p.dbid, p.area_code, p.legal_name_encrypted, p.pickup_line_encrypted,
    p.pickup_phone_encrypted
from sellers.sellers s left join sellers.profiles p on p.seller_id = s.id where s.id = :id;

-- name: change_profile
-- Replace what its people may change of a seller.
with seller as (
    update sellers.sellers set name = :name, district_code = :district_code where id = :id
)
update sellers.profiles set description = :description, dbid = :dbid, area_code = :area_code,
    pickup_line_encrypted = :pickup_line_encrypted, pickup_phone_encrypted = :pickup_phone_encrypted, updated_at = :now
where seller_id = :id;

-- name: set_holiday
-- Nothing can be bought before this instant.
update sellers.sellers set holiday_until = :until where id = :id;

-- name: set_tier
-- Move a seller to a tier.
update sellers.sellers set tier = :tier where id = :id;

-- name: move
-- Change the state of a seller and note it.
with moved as (
    update sellers.sellers set status = :to_status where id = :id and status = :from_status returning id
)
insert into sellers.transitions (id, seller_id, from_status, to_status, reason, actor_id, occurred_at)
select :transition_id, id, :from_status, :to_status, :reason::text, :actor_id::uuid, :now from moved;

-- name: facts
-- What can be computed: a place to pick up from, goods on sale.
select p.pickup_line_encrypted is not null and p.pickup_phone_encrypted is not null and s.district_code is not null
        as pickup_address,
    exists (select 1 from catalog.offers o where o.seller_id = s.id) as has_product
from sellers.sellers s left join sellers.profiles p on p.seller_id = s.id where s.id = :seller_id;

-- name: submissions
-- The last submission of each requirement.
select distinct on (requirement) id, requirement, method, status, reasons, risk_score, number_tail, submitted_at, due_at,
    decided_at, note
from sellers.submissions where seller_id = :seller_id order by requirement, id desc;

-- name: add_submission
-- What a seller shows, with what the rules found.
insert into sellers.submissions
    (id, seller_id, requirement, status, method, number_encrypted, number_index, number_tail, name_encrypted, issuer,
     expires_on, document_id, reasons, risk_score, decision, submitted_by, submitted_at, due_at, decided_at, note)
values (:id, :seller_id, :requirement, :status, :method, :number_encrypted, :number_index, :number_tail, :name_encrypted,
    :issuer, :expires_on, :document_id, :reasons, :risk_score, :decision, :submitted_by, :now, :due_at, :decided_at, :note);

-- name: withdraw_pending
-- A newer submission takes the place of one that waits.
update sellers.submissions set status = 'rejected', note = 'superseded', decided_at = :now
where seller_id = :seller_id and requirement = :requirement and status = 'pending';

-- name: used_elsewhere
-- Whether another seller showed the same number, and whether it showed the same document.
select exists (select 1 from sellers.submissions s where s.number_index = :number_index::text and s.seller_id <> :seller_id
        and s.status <> 'rejected') as number_elsewhere,
    exists (select 1 from sellers.documents mine join sellers.documents other on other.sha256 = mine.sha256
        where mine.id = :document_id::uuid and other.seller_id <> :seller_id) as document_elsewhere;

-- name: own_phone
-- Blind index of a user's phone.
select phone_index from identity.users where id = :user_id;

-- name: lock_submission
-- A submission with its seller, locked.
select s.id, s.seller_id, s.requirement, s.status, s.risk_score, s.reasons from sellers.submissions s
where s.id = :id for update;

-- name: decide
-- A person's decision.
update sellers.submissions set status = :status, reasons = :reasons, decided_by = :decided_by, decided_at = :now, note = :note
where id = :id;

-- name: review_queue
-- What waits for a person, the most urgent first.
select b.id, b.seller_id, s.name as seller_name, s.status as seller_status, b.requirement, b.method, b.reasons, b.risk_score,
    b.submitted_at, b.due_at, b.due_at < :now as is_overdue
from sellers.submissions b join sellers.sellers s on s.id = b.seller_id
where b.status = 'pending' and (:after_at::timestamptz is null or (b.due_at, b.id) > (:after_at::timestamptz, :after_id::uuid))
order by b.due_at, b.id limit :limit;

-- name: find_submission
-- One submission as the one who decides sees it.
select b.id, b.seller_id, b.requirement, b.method, b.status, b.reasons, b.risk_score, b.submitted_at, b.due_at, b.issuer,
    b.expires_on, b.document_id, b.number_tail, b.name_encrypted, p.legal_name_encrypted
from sellers.submissions b left join sellers.profiles p on p.seller_id = b.seller_id where b.id = :id;

-- name: add_document
-- A document that was stored.
insert into sellers.documents (id, seller_id, uploaded_by, media_type, size_bytes, sha256, uploaded_at)
values (:id, :seller_id, :uploaded_by, :media_type, :size_bytes, :sha256, :now);

-- name: count_documents
-- How many documents a seller sent.
select count(*) as kept from sellers.documents where seller_id = :seller_id;

-- name: find_document
-- A document, of one seller or (staff) of any.
select id, seller_id, media_type, size_bytes, sha256, uploaded_at from sellers.documents
where id = :id and (:seller_id::uuid is null or seller_id = :seller_id::uuid);

-- name: membership
-- What a user is in a shop.
select role from sellers.members where seller_id = :seller_id and user_id = :user_id and left_at is null;

-- name: members
-- Who works for a seller.
select m.user_id, u.full_name, m.role, m.joined_at from sellers.members m join identity.users u on u.id = m.user_id
where m.seller_id = :seller_id and m.left_at is null and (:after::uuid is null or m.user_id > :after::uuid)
order by m.user_id limit :limit;

-- name: other_owners
-- Owners of a seller besides one.
select count(*) as others from sellers.members
where seller_id = :seller_id and user_id <> :user_id and role = 'seller_owner' and left_at is null;

-- name: count_members
-- How many people work for a seller.
select count(*) as people from sellers.members where seller_id = :seller_id and left_at is null;

-- name: join
-- Somebody works for a seller from now on, or again.
insert into sellers.members as m (seller_id, user_id, role, joined_at) values (:seller_id, :user_id, :role, :now)
on conflict (seller_id, user_id) do update set role = :role, joined_at = :now, left_at = null
where m.left_at is not null;

-- name: change_role
-- Somebody's role in a shop.
update sellers.members set role = :role where seller_id = :seller_id and user_id = :user_id and left_at is null;

-- name: leave
-- Somebody works for a seller no more.
update sellers.members set left_at = :now where seller_id = :seller_id and user_id = :user_id and left_at is null;

-- name: add_invite
-- An invitation; its token is kept as a keyed hash.
insert into sellers.invites
    (id, seller_id, role, contact_kind, contact_encrypted, contact_index, token_hash, invited_by, created_at, expires_at)
values (:id, :seller_id, :role, :contact_kind, :contact_encrypted, :contact_index, :token_hash, :invited_by, :now, :expires_at);

-- name: open_invites
-- Invitations of a seller that can still be accepted.
select id, role, contact_kind, created_at, expires_at from sellers.invites
where seller_id = :seller_id and accepted_at is null and revoked_at is null and expires_at > :now
    and (:before::uuid is null or id < :before::uuid)
order by id desc limit :limit;

-- name: accept_invite
-- An invitation serves once.
update sellers.invites set accepted_at = :now, accepted_by = :user_id
where token_hash = :token_hash and accepted_at is null and revoked_at is null and expires_at > :now
returning id, seller_id, role;

-- name: revoke_invite
-- Take an invitation back.
update sellers.invites set revoked_at = :now
where id = :id and seller_id = :seller_id and accepted_at is null and revoked_at is null;

-- name: scorecard
-- How a seller kept its word: orders placed since an instant, by what came of them.
select count(*) as orders,
    count(*) filter (where status = 'cancelled') as cancelled,
    count(*) filter (where status = 'delivered') as delivered,
    count(*) filter (where status = 'refused') as refused,
    count(*) filter (where shipped_at is not null) as shipped,
    count(*) filter (where shipped_at <= placed_at + :handover) as shipped_on_time,
    count(*) filter (where status = 'placed' and placed_at + :handover < :now) as late,
    count(*) filter (where exists (select 1 from returns.requests r where r.order_id = o.id
        and r.state in ('refunded', 'exchanged') and r.reason <> 'changed_mind')) as returned_for_fault,
    count(*) filter (where exists (select 1 from returns.disputes d where d.order_id = o.id and d.state = 'for_buyer')) as disputes_lost
from orders.orders o where seller_id = :seller_id and placed_at >= :since and status <> 'pending_payment';

-- name: payout_accounts
-- The account that each of some sellers has shown, and whether it took the place of another.
select distinct on (s.seller_id) s.seller_id, s.id, s.method, s.number_tail, s.status, s.decided_at,
    p.status = 'approved' as is_selling,
    exists (select 1 from sellers.submissions e where e.seller_id = s.seller_id and e.requirement = 'payout_account'
            and e.note = 'replaced') as is_change
from sellers.submissions s join sellers.sellers p on p.id = s.seller_id
where s.seller_id = any(:ids::uuid[]) and s.requirement = 'payout_account' and s.status in ('pending', 'accepted')
    and s.number_encrypted is not null
order by s.seller_id, s.id desc;

-- name: payout_number
-- The number of an account, encrypted.
select number_encrypted from sellers.submissions where id = :id;

-- name: replace_account
-- Another account takes the place of the one that was accepted.
update sellers.submissions set status = 'rejected', note = 'replaced'
where seller_id = :seller_id and requirement = 'payout_account' and status = 'accepted';
