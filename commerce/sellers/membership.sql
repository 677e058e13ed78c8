-- name: sellers_of
-- Sellers a user works for.
select m.seller_id from sellers.members m where m.user_id = :user_id and m.left_at is null order by m.seller_id;

-- name: people_of
-- People who work for a seller.
select m.user_id from sellers.members m where m.seller_id = :seller_id and m.left_at is null order by m.user_id;
