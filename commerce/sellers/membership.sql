-- name: sellers_of
-- Sellers a user works for.
select m.seller_id from sellers.members m where m.user_id = :user_id and m.left_at is null order by m.seller_id;
