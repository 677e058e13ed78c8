-- name: own_offers
-- Which of the offers are the seller's.
select id from catalog.offers where id = any(:offer_ids::uuid[]) and seller_id = :seller_id;

-- name: add
-- A purchase order with its lines.
with added as (
    insert into inventory.purchase_orders (id, number, seller_id, hub_id, supplier, expected_on, created_by)
    values (:id, :number, :seller_id, :hub_id, :supplier, :expected_on, :created_by)
)
insert into inventory.purchase_order_lines (purchase_order_id, offer_id, quantity, unit_cost_poisha)
select :id, l.offer_id, l.quantity, l.unit_cost_poisha
from unnest(:offer_ids::uuid[], :quantities::int[], :unit_costs::bigint[]) as l (offer_id, quantity, unit_cost_poisha);

-- name: find
-- A purchase order with its lines.
select p.*, (select jsonb_agg(jsonb_build_object('offer_id', l.offer_id, 'quantity', l.quantity, 'received', l.received,
        'unit_cost_poisha', l.unit_cost_poisha) order by l.offer_id)
    from inventory.purchase_order_lines l where l.purchase_order_id = p.id) as lines
from inventory.purchase_orders p where p.id = :id;

-- name: list
-- Purchase orders, newest first.
select p.*, (select jsonb_agg(jsonb_build_object('offer_id', l.offer_id, 'quantity', l.quantity, 'received', l.received,
        'unit_cost_poisha', l.unit_cost_poisha) order by l.offer_id)
    from inventory.purchase_order_lines l where l.purchase_order_id = p.id) as lines
from inventory.purchase_orders p
where (:seller_id::uuid is null or p.seller_id = :seller_id) and (:state::text is null or p.state = :state)
    and (:before_id::uuid is null or p.id < :before_id::uuid)
order by p.id desc limit :limit;

-- name: lock
-- A purchase order about to change.
select * from inventory.purchase_orders where id = :id for update;

-- name: move
-- Change its state.
update inventory.purchase_orders
set state = :state, approved_by = :approved_by, closed_at = case when :state in ('received', 'cancelled') then now() end
where id = :id;

-- name: count_receipt
-- Count goods received against a line; no row if that were more than ordered.
with counted as (
    update inventory.purchase_order_lines set received = received + :quantity
    where purchase_order_id = :purchase_order_id and offer_id = :offer_id and received + :quantity <= quantity
    returning offer_id
)
insert into inventory.receipts (id, purchase_order_id, offer_id, quantity, received_by)
select :id, :purchase_order_id, offer_id, :quantity, :received_by from counted returning id;

-- name: open_quantity
-- What is still to come.
select coalesce(sum(quantity - received), 0)::int as quantity from inventory.purchase_order_lines where purchase_order_id = :id;
