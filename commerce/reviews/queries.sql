-- name: delivered_line
-- A line that its buyer has received; no row for anybody else, or before delivery.
select l.order_id, l.line_no, l.product_id, l.offer_id, o.seller_id
from orders.order_lines l join orders.orders o on o.id = l.order_id join orders.order_groups g on g.id = o.group_id
where l.order_id = :order_id and l.line_no = :line_no and g.buyer_id = :buyer_id and o.status = 'delivered';

-- name: lines_to_review
-- Lines that a buyer has received and said nothing of, newest first.
select l.order_id, l.line_no, l.product_id, p.title_en, p.title_bn, o.closed_at as delivered_at
from orders.order_groups g join orders.orders o on o.group_id = g.id and o.status = 'delivered'
join orders.order_lines l on l.order_id = o.id join catalog.products p on p.id = l.product_id
where g.buyer_id = :buyer_id and not exists (
    select 1 from reviews.reviews r where r.order_id = l.order_id and r.line_no = l.line_no)
order by o.closed_at desc, l.order_id, l.line_no limit :limit;

-- name: has_bought
-- Whether a person has received a product.
select exists (
    select 1 from orders.order_groups g join orders.orders o on o.group_id = g.id and o.status = 'delivered'
    join orders.order_lines l on l.order_id = o.id and l.product_id = :product_id
    where g.buyer_id = :buyer_id) as has_bought;

-- name: product_exists
-- Whether a product is for sale.
select 1 as one from catalog.products where id = :product_id and is_active;

-- name: sells_product
-- Whether a seller offers a product.
select 1 as one from catalog.offers where product_id = :product_id and seller_id = :seller_id and status <> 'withdrawn';

-- name: add_review
-- A review of a delivered line; no row if the line has one.
insert into reviews.reviews (id, order_id, line_no, product_id, offer_id, seller_id, author_id, rating, body, photos, state,
    created_at, updated_at)
values (:id, :order_id, :line_no, :product_id, :offer_id, :seller_id, :author_id, :rating, :body, :photos, :state, :at, :at)
on conflict (order_id, line_no) do nothing returning id;

-- name: lock_review
-- A review, locked.
select * from reviews.reviews where id = :review_id for update;

-- name: change_review
-- Its author's new words.
update reviews.reviews set rating = :rating, body = :body, photos = :photos, state = :state, version = version + 1, updated_at = :at
where id = :review_id;

-- name: move_review
-- A review's new state.
update reviews.reviews set state = :state, hidden_reason = :reason, updated_at = :at where id = :review_id;

-- name: start_sums
-- Empty sums of a product and its seller, where there are none yet: a row that takes away may not be the first.
with product as (
    insert into reviews.product_ratings (product_id, ratings, stars, by_stars) values (:product_id, 0, 0, '{0,0,0,0,0}')
    on conflict do nothing)
insert into reviews.seller_ratings (seller_id, ratings, stars) values (:seller_id, 0, 0) on conflict do nothing;

-- name: count_product
-- What a review adds to, or takes from, the sums of its product; the mean is rounded half up.
update reviews.product_ratings r set ratings = r.ratings + :ratings, stars = r.stars + :stars,
    rating_centi = case when r.ratings + :ratings > 0
        then ((r.stars + :stars) * 200 + r.ratings + :ratings) / (2 * (r.ratings + :ratings)) end,
    by_stars = (select array_agg(was + more order by star)
        from unnest(r.by_stars, :by_stars::int[]) with ordinality as s (was, more, star)),
    changed_xid = pg_current_xact_id()
where r.product_id = :product_id;

-- name: count_seller
-- What a review adds to, or takes from, the sums of its seller.
update reviews.seller_ratings r set ratings = r.ratings + :ratings, stars = r.stars + :stars,
    rating_centi = case when r.ratings + :ratings > 0
        then ((r.stars + :stars) * 200 + r.ratings + :ratings) / (2 * (r.ratings + :ratings)) end
where r.seller_id = :seller_id;

-- name: list_reviews
-- Published reviews of a product, newest or most helpful first.
select r.id as review_id, r.product_id, r.seller_id, r.rating, r.body, r.photos, r.state, r.seller_answer, r.answered_at, r.helpful,
    r.version, r.created_at
from reviews.reviews r
where r.product_id = :product_id and r.state = 'published' and (:rating::int is null or r.rating = :rating)
    and (:before_id::uuid is null or (not :by_help and r.id < :before_id::uuid)
         or (:by_help and (r.helpful, r.id) < (:before_helpful::int, :before_id::uuid)))
order by case when :by_help then r.helpful end desc, r.id desc limit :limit;

-- name: list_held
-- Reviews in a state, oldest first: the worklist of moderators.
select r.id as review_id, r.product_id, r.seller_id, r.rating, r.body, r.photos, r.state, r.seller_answer, r.answered_at, r.helpful,
    r.version, r.created_at
from reviews.reviews r where r.state = :state and (:after_id::uuid is null or r.id > :after_id::uuid) order by r.id limit :limit;

-- name: find_review
-- One review, whatever its state.
select r.id as review_id, r.product_id, r.seller_id, r.rating, r.body, r.photos, r.state, r.seller_answer, r.answered_at, r.helpful,
    r.version, r.created_at
from reviews.reviews r where r.id = :review_id;

-- name: product_rating
-- The sums of a product.
select ratings, rating_centi, by_stars from reviews.product_ratings where product_id = :product_id;

-- name: seller_rating
-- The sums of a seller.
select ratings, rating_centi from reviews.seller_ratings where seller_id = :seller_id;

-- name: add_vote
-- A helpful vote, once a person; no row for the second, nor for one's own review.
with voted as (
    insert into reviews.votes (review_id, voter_id, voted_at)
    select r.id, :voter_id, :at from reviews.reviews r where r.id = :review_id and r.author_id <> :voter_id and r.state = 'published'
    on conflict do nothing returning review_id)
update reviews.reviews set helpful = helpful + 1 where id in (select review_id from voted);

-- name: take_vote
-- A vote taken back.
with gone as (delete from reviews.votes where review_id = :review_id and voter_id = :voter_id returning review_id)
update reviews.reviews set helpful = helpful - 1 where id in (select review_id from gone);

-- name: add_report
-- A report, once a person.
with reported as (
    insert into reviews.reports (review_id, reporter_id, reason, reported_at) values (:review_id, :reporter_id, :reason, :at)
    on conflict do nothing returning review_id)
update reviews.reviews set reports = reports + 1 where id in (select review_id from reported) returning reports;

-- name: answer_review
-- The seller's answer; no row if the review is of another seller.
update reviews.reviews set seller_answer = :body, answered_at = :at
where id = :review_id and seller_id = :seller_id and state = 'published' returning id;

-- name: add_question
-- A question on a product.
insert into reviews.questions (id, product_id, author_id, body, state, created_at)
values (:id, :product_id, :author_id, :body, :state, :at);

-- name: list_questions
-- Published questions of a product with their answers, newest first.
select q.id as question_id, q.body, q.created_at,
    (select coalesce(jsonb_agg(jsonb_build_object('answer_id', a.id, 'body', a.body, 'seller_id', a.seller_id,
        'is_buyer', a.is_buyer, 'created_at', a.created_at) order by a.seller_id is null, a.id), '[]')
     from (select * from reviews.answers a where a.question_id = q.id and a.state = 'published'
           order by a.seller_id is null, a.id limit 20) a) as answers
from reviews.questions q
where q.product_id = :product_id and q.state = 'published' and (:before_id::uuid is null or q.id < :before_id::uuid)
order by q.id desc limit :limit;

-- name: find_question
-- A published question.
select id, product_id from reviews.questions where id = :question_id and state = 'published';

-- name: add_answer
-- An answer to a question.
with added as (
    insert into reviews.answers (id, question_id, author_id, seller_id, is_buyer, body, state, created_at)
    values (:id, :question_id, :author_id, :seller_id, :is_buyer, :body, :state, :at) returning question_id)
update reviews.questions set answers = answers + 1 where id in (select question_id from added);

-- name: list_entries
-- Questions and answers in a state that not all see, oldest first: the worklist of moderators.
select * from (
    (select q.id as entry_id, 'question' as kind, q.product_id, q.body, q.state, q.created_at
     from reviews.questions q
     where q.state = :state and q.state <> 'published' and (:after_id::uuid is null or q.id > :after_id::uuid)
     order by q.id limit :limit)
    union all
    (select a.id, 'answer', q.product_id, a.body, a.state, a.created_at
     from reviews.answers a join reviews.questions q on q.id = a.question_id
     where a.state = :state and a.state <> 'published' and (:after_id::uuid is null or a.id > :after_id::uuid)
     order by a.id limit :limit)
) as entries order by entry_id limit :limit;

-- name: lock_question
-- A question about to be moved.
select id as entry_id, 'question' as kind, product_id, body, state, created_at
from reviews.questions where id = :entry_id for update;

-- name: lock_answer
-- An answer about to be moved.
select a.id as entry_id, 'answer' as kind, q.product_id, a.body, a.state, a.created_at
from reviews.answers a join reviews.questions q on q.id = a.question_id where a.id = :entry_id for update of a;

-- name: move_question
-- A question's new state.
update reviews.questions set state = :state where id = :entry_id;

-- name: move_answer
-- An answer's new state.
update reviews.answers set state = :state where id = :entry_id;
