-- The checkout's writes as bare SQL for pgbench: two sellers' lines, cash on delivery. The limit of the database alone.
\set a random(1, :offers / 2)
\set b random(:offers / 2 + 1, :offers)
begin;
insert into platform.idempotency_keys (principal_id, key, route, request_sha256, state, locked_until) values ('bench', gen_random_uuid()::text, 'POST', 'x', 'started', now());
update inventory.stock s set reserved = s.reserved + 1, updated_at = now() from bench.offers o where o.n in (:a, :b) and s.offer_id = o.offer_id and s.hub_id = o.hub_id and s.on_hand - s.reserved >= 1;
insert into orders.order_groups (id, number, buyer_id, channel, payment_method, district_code, subtotal_poisha, discount_poisha, shipping_poisha, total_poisha, placed_at) values (gen_random_uuid(), gen_random_uuid()::text, gen_random_uuid(), 'web', 'cod', 'BD-13', 20000, 0, 14000, 34000, now()) returning id as group_id \gset
insert into orders.orders (id, group_id, seller_id, hub_id, status, subtotal_poisha, discount_poisha, shipping_poisha, total_poisha, commission_poisha, vat_poisha, placed_at) values (gen_random_uuid(), :group_id::uuid, gen_random_uuid(), gen_random_uuid(), 'placed', 10000, 0, 7000, 17000, 800, 120, now()), (gen_random_uuid(), :group_id::uuid, gen_random_uuid(), gen_random_uuid(), 'placed', 10000, 0, 7000, 17000, 800, 120, now());
insert into orders.order_lines (order_id, line_no, offer_id, product_id, quantity, subtotal_poisha, total_poisha) select o.id, 1, :group_id::uuid, :group_id::uuid, 1, 10000, 10000 from orders.orders o where o.group_id = :group_id::uuid;
insert into inventory.holds (order_id, offer_id, hub_id, quantity) select o.id, :group_id::uuid, :group_id::uuid, 1 from orders.orders o where o.group_id = :group_id::uuid;
insert into risk.decisions (id, group_id, action, score, reasons, source, model_version, latency_ms, features) values (gen_random_uuid(), :group_id::uuid, 'allow', 0.1, '[]', 'bench', '1', 1, '{}');
insert into payments.attempts (id, group_id, order_id, provider, amount_poisha, merchant_reference, shares) select gen_random_uuid(), :group_id::uuid, o.id, 'cod', 17000, 'cod:' || o.id, '[]' from orders.orders o where o.group_id = :group_id::uuid;
insert into platform.outbox (id, topic, aggregate_type, aggregate_id, event_type, payload) values (gen_random_uuid(), 'order_group', 'order_group', :group_id::text, 'bench.placed', '{"bench": true}');
insert into scoring.decisions (id, event_id, request_sha256, request, answer, features, score, action, source, model_version, latency_ms) values (gen_random_uuid(), gen_random_uuid(), 'x', '{}', '{}', '{}', 0.1, 'allow', 'bench', '1', 1);
update platform.idempotency_keys set state = 'done', status_code = 201, body = 'x' where principal_id = 'bench' and key = (select key from platform.idempotency_keys where principal_id = 'none');
commit;
