-- name: window_of_order
-- Longest return window of an order's goods; the nearest category above counts.
select coalesce(max(coalesce((
    select w.days from returns.windows w
    where c.path = w.category_path or starts_with(c.path, w.category_path || ' > ')
    order by length(w.category_path) desc limit 1), :default_days)), :default_days)::int as days
from orders.order_lines l
join catalog.products p on p.id = l.product_id
join catalog.categories c on c.id = p.category_id
where l.order_id = :order_id;

-- name: window_of_line
-- Return window of one line's goods; the nearest category above counts.
select coalesce((
    select w.days from returns.windows w
    where c.path = w.category_path or starts_with(c.path, w.category_path || ' > ')
    order by length(w.category_path) desc limit 1), :default_days)::int as days
from orders.order_lines l
join catalog.products p on p.id = l.product_id
join catalog.categories c on c.id = p.category_id
where l.order_id = :order_id and l.line_no = :line_no;
