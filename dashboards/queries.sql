-- name: date_bounds
-- First and last business date with sales.
select min(sold_on) as first_on, max(sold_on) as last_on from marts.agg_sales_day

-- name: data_time
-- When the marts were last built, and up to when commerce was read for it.
select (select max(built_at) from marts.ops_builds) as built_at, max(loaded_at) as loaded_at from marts.ops_loads

-- name: categories
-- Categories that have products, with their department.
select distinct department, category from marts.dim_product order by category

-- name: sellers
-- Sellers with sales since a date, best first.
select seller_id::text as seller_id, min(seller_name) as seller_name, sum(sales_poisha)::bigint as sales_poisha
from marts.agg_sales_day_seller
where sold_on >= :since
group by seller_id
order by sales_poisha desc
limit 1500

-- name: sales_by_day
-- Sales of each day, all channels or one.
select
    sold_on, sum(orders)::bigint as orders, sum(units)::float8 as units, sum(sales_poisha)::bigint as sales_poisha,
    sum(discount_poisha)::bigint as discount_poisha
from marts.agg_sales_day
where sold_on between :first_on and :last_on and (:channel::text is null or channel = :channel)
group by sold_on
order by sold_on

-- name: category_sales_by_day
-- Sales of a category on each day.
select
    sold_on, sum(orders)::bigint as orders, sum(units)::float8 as units, sum(sales_poisha)::bigint as sales_poisha,
    sum(discount_poisha)::bigint as discount_poisha
from marts.agg_sales_day_category
where sold_on between :first_on and :last_on and category = :category
group by sold_on
order by sold_on

-- name: seller_sales_by_day
-- Sales of a seller on each day.
select
    sold_on, orders::bigint as orders, units::float8 as units, sales_poisha, discount_poisha
from marts.agg_sales_day_seller
where sold_on between :first_on and :last_on and seller_id = :seller_id::uuid
order by sold_on

-- name: sales_by_category
-- Sales of each category in a period and in the one before.
select
    category, min(department) as department,
    coalesce(sum(sales_poisha) filter (where sold_on >= :first_on), 0)::bigint as sales_poisha,
    coalesce(sum(sales_poisha) filter (where sold_on < :first_on), 0)::bigint as prior_poisha,
    coalesce(sum(orders) filter (where sold_on >= :first_on), 0)::bigint as orders
from marts.agg_sales_day_category
where sold_on between :prior_on and :last_on
group by category
order by sales_poisha desc
limit 12

-- name: sales_by_seller
-- Sales of the best sellers in a period and in the one before.
select
    seller_id::text as seller_id, min(seller_name) as seller_name,
    coalesce(sum(sales_poisha) filter (where sold_on >= :first_on), 0)::bigint as sales_poisha,
    coalesce(sum(sales_poisha) filter (where sold_on < :first_on), 0)::bigint as prior_poisha,
    coalesce(sum(orders) filter (where sold_on >= :first_on), 0)::bigint as orders,
    coalesce(sum(commission_poisha) filter (where sold_on >= :first_on), 0)::bigint as commission_poisha
from marts.agg_sales_day_seller
where sold_on between :prior_on and :last_on
group by seller_id
order by sales_poisha desc
limit 15

-- name: sales_by_district
-- Sales of each district of delivery in a period.
select
    coalesce(districts.district_name_en, '–') as district, coalesce(districts.district_name_bn, '–') as district_bn,
    coalesce(min(districts.division_name_en), '–') as division,
    sum(sales.orders)::bigint as orders, sum(sales.sales_poisha)::bigint as sales_poisha
from marts.agg_sales_day_district as sales
left join marts.dim_district as districts using (district_code)
where sales.sold_on between :first_on and :last_on
group by districts.district_name_en, districts.district_name_bn
order by sales_poisha desc
limit 12

-- name: category_products
-- Best-selling products of a category in the last four weeks.
select
    trend.title_en, products.brand, trend.category, trend.units_28d::float8 as units_28d,
    trend.units_prior_28d::float8 as units_prior_28d, trend.sales_28d_poisha
from marts.agg_product_trend as trend
join marts.dim_product as products using (product_id)
where (:category::text is null or trend.category = :category)
order by trend.sales_28d_poisha desc
limit 15

-- name: payments_by_day
-- Money taken by provider on each day.
select created_on, provider, sum(attempts) filter (where state = 'captured')::bigint as captured,
    sum(attempts)::bigint as attempts,
    coalesce(sum(amount_poisha) filter (where state = 'captured'), 0)::bigint as captured_poisha
from marts.agg_payments_day
where created_on between :first_on and :last_on
group by created_on, provider
order by created_on

-- name: outcomes_by_day
-- How checkouts of each day ended, for a payment method and a channel or for all.
select
    placed_on, sum(order_groups)::bigint as order_groups, sum(refused)::bigint as refused,
    sum(cancelled)::bigint as cancelled, sum(labels_known)::bigint as labels_known,
    sum(frauds_known)::bigint as frauds_known, sum(refused_poisha)::bigint as refused_poisha,
    sum(fraud_poisha)::bigint as fraud_poisha, sum(total_poisha)::bigint as total_poisha
from marts.agg_outcomes_day
where placed_on between :first_on and :last_on
    and (:method::text is null or payment_method = :method)
    and (:channel::text is null or channel = :channel)
group by placed_on
order by placed_on

-- name: outcomes_by_method
-- Refusals and known fraud of each payment method in each full week: parcels of this one are still on their way.
select
    date_trunc('week', placed_on)::date as week_starts_on, payment_method, sum(order_groups)::bigint as order_groups,
    sum(refused)::bigint as refused, sum(frauds_known)::bigint as frauds_known
from marts.agg_outcomes_day
where placed_on >= :first_on and placed_on < date_trunc('week', :last_on::date)::date
    and (:channel::text is null or channel = :channel)
group by 1, 2
order by 1

-- name: outcomes_by_district
-- Districts by share of refused checkouts, those with enough checkouts to tell.
select
    districts.district_name_en as district, districts.district_name_bn as district_bn,
    sum(outcomes.order_groups)::bigint as order_groups, sum(outcomes.refused)::bigint as refused,
    sum(outcomes.frauds_known)::bigint as frauds_known, sum(outcomes.refused_poisha)::bigint as refused_poisha,
    (sum(outcomes.refused)::float8 / sum(outcomes.order_groups)) as refused_ratio
from marts.agg_outcomes_day as outcomes
join marts.dim_district as districts using (district_code)
where outcomes.placed_on between :first_on and :last_on
    and (:method::text is null or outcomes.payment_method = :method)
    and (:channel::text is null or outcomes.channel = :channel)
group by districts.district_name_en, districts.district_name_bn
having sum(outcomes.order_groups) >= 30
order by refused_ratio desc
limit 12

-- name: seller_outcomes
-- How the orders of one seller ended, by day, payment method and district: its own parcels, its own amounts.
with verdicts as (
    select group_id, bool_or(is_fraud) as is_fraud from marts.fct_labels group by group_id
)

select
    orders.placed_on, orders.payment_method, orders.channel,
    coalesce(districts.district_name_en, '–') as district, coalesce(districts.district_name_bn, '–') as district_bn,
    count(*)::bigint as order_groups, count(*) filter (where orders.status = 'refused')::bigint as refused,
    count(verdicts.group_id)::bigint as labels_known, count(*) filter (where verdicts.is_fraud)::bigint as frauds_known,
    coalesce(sum(orders.total_poisha) filter (where orders.status = 'refused'), 0)::bigint as refused_poisha
from marts.fct_orders as orders
left join verdicts using (group_id)
left join marts.dim_district as districts on orders.district_code = districts.district_code
where orders.seller_id = :seller_id::uuid and orders.placed_on between :first_on and :last_on
    and (:method::text is null or orders.payment_method = :method)
    and (:channel::text is null or orders.channel = :channel)
group by 1, 2, 3, 4, 5
order by 1

-- name: decisions_by_day
-- Decisions at checkout by day, action and who decided.
select
    decided_on, action, case when source = 'model' then 'model' else 'rules' end as decided_by,
    sum(decisions)::bigint as decisions, sum(frauds_known)::bigint as frauds_known,
    sum(score_mean * decisions) / nullif(sum(decisions) filter (where score_mean is not null), 0) as score_mean,
    sum(latency_ms_mean * decisions) / nullif(sum(decisions), 0) as latency_ms_mean
from marts.agg_risk_day
where decided_on between :first_on and :last_on
group by 1, 2, 3
order by 1

-- name: checkouts_to_review
-- The newest checkouts that were held back for review.
select
    groups.number, groups.placed_at, groups.payment_method,
    coalesce(districts.district_name_en, '–') as district, coalesce(districts.district_name_bn, '–') as district_bn,
    groups.total_poisha, groups.decision_score,
    case when groups.decision_source = 'model' then 'model' else 'rules' end as decided_by
from marts.fct_order_groups as groups
left join marts.dim_district as districts using (district_code)
where groups.decision_action = 'review' and groups.placed_on between :first_on and :last_on
    and (:method::text is null or groups.payment_method = :method)
    and (:channel::text is null or groups.channel = :channel)
    and (
        :seller_id::text is null
        or groups.group_id in (
            select orders.group_id from marts.fct_orders as orders
            where orders.seller_id = :seller_id::uuid and orders.placed_on between :first_on and :last_on
        )
    )
order by groups.placed_at desc
limit 15

-- name: weekly_units
-- Pieces sold in each full week, of all categories or one.
select
    date_trunc('week', sold_on)::date as week_starts_on, sum(units)::float8 as units,
    sum(sales_poisha)::bigint as sales_poisha
from marts.agg_sales_day_category
where sold_on >= :since and sold_on < date_trunc('week', :last_on::date)::date
    and (:category::text is null or category = :category)
group by 1
order by 1

-- name: product_weekly_units
-- Pieces of a product sold in each full week.
select
    date_trunc('week', sold_on)::date as week_starts_on, sum(units)::float8 as units,
    sum(sales_poisha)::bigint as sales_poisha
from marts.fct_sales_daily_product
where sold_on >= :since and sold_on < date_trunc('week', :last_on::date)::date
    and product_id = :product_id::uuid
group by 1
order by 1

-- name: stock_summary
-- Stock of all sellers and categories, or of one.
select
    coalesce(sum(offers), 0)::bigint as offers, coalesce(sum(offers_out), 0)::bigint as offers_out,
    coalesce(sum(offers_short), 0)::bigint as offers_short, coalesce(sum(offers_selling), 0)::bigint as offers_selling,
    coalesce(sum(on_hand), 0)::bigint as on_hand, coalesce(sum(stock_value_poisha), 0)::bigint as stock_value_poisha,
    coalesce(sum(units_28d), 0)::float8 as units_28d
from marts.agg_stock_health
where (:category::text is null or category = :category)
    and (:seller_id::text is null or seller_id = :seller_id::uuid)

-- name: stock_by_category
-- Categories with the most offers that are gone or will not last.
select
    category, sum(offers)::bigint as offers, sum(offers_out)::bigint as offers_out,
    sum(offers_short)::bigint as offers_short, sum(on_hand)::bigint as on_hand,
    sum(stock_value_poisha)::bigint as stock_value_poisha, sum(units_28d)::float8 as units_28d
from marts.agg_stock_health
where (:category::text is null or category = :category)
    and (:seller_id::text is null or seller_id = :seller_id::uuid)
group by category
order by sum(offers_out) + sum(offers_short) desc, sum(units_28d) desc
limit 12

-- name: reconciliation
-- Every identity and every exclusion between file, commerce and marts.
select source, measure, step, reason, file_value, commerce_value, excluded_value, mart_value, difference
from marts.fin_reconciliation
order by source, step, measure, reason

-- name: loads
-- Up to when each table of commerce has been read.
select table_name, batch_rows, loaded_at from marts.ops_loads order by loaded_at, table_name

-- name: checks
-- The last result of each check, failed ones first.
select check_name, subject, is_passed, detail, checked_at from marts.ops_checks order by is_passed, check_name, subject

-- name: builds
-- The last builds of the warehouse.
select built_at, min_on, max_on, seconds from marts.ops_builds order by built_at desc limit 30

-- name: fraud_evaluation
-- The model beside the best single rules, on the same orders.
select
    model_version, method, average_precision, roc_auc, precision_at_1pct, recall_at_1pct, is_baseline, test_orders
from marts_ml.fraud_evaluation
order by average_precision desc

-- name: fraud_scores
-- How many orders got which score, honest ones and frauds.
select
    least(width_bucket(score, 0, 1, 20), 20) as bucket, is_fraud, count(*)::bigint as orders
from marts_ml.fraud_score_history
group by 1, 2
order by 1

-- name: forecast_categories
-- Weekly forecast of all categories or one, by quantile; the expected value stands beside each quantile.
select
    week_starts_on, quantile, sum(units)::float8 as units, sum(expected_units)::float8 as expected_units
from marts_ml.demand_forecast_category
where :category::text is null or split_part(category_path, ' > ', 2) = :category
group by 1, 2
order by 1, 2

-- name: forecast_product
-- Weekly forecast of one product, by quantile; the expected value stands beside each quantile.
select week_starts_on, quantile, units::float8 as units, expected_units::float8 as expected_units
from marts_ml.demand_forecast
where product_id = :product_id::uuid
order by 1, 2

-- name: forecast_products
-- Products with the largest forecast, beside what they sold in the last eight weeks.
select
    products.product_id::text as product_id, products.title_en, products.brand, products.category,
    sum(forecast.expected_units)::float8 as units_ahead, coalesce(max(trend.units_28d), 0)::float8 as units_28d
from marts_ml.demand_forecast as forecast
join marts.dim_product as products using (product_id)
left join marts.agg_product_trend as trend using (product_id)
where abs(forecast.quantile - 0.5) < 0.001 and forecast.week_no <= 4
    and (:category::text is null or products.category = :category)
group by products.product_id, products.title_en, products.brand, products.category
order by units_ahead desc, products.product_id
limit 40

-- name: demand_backtest
-- Errors of the forecast and of the naive methods on the same rows.
select level, method, wmape, mase, bias, is_baseline from marts_ml.demand_backtest order by level desc, wmape

-- name: supply_summary
-- What should be bought now, and what it costs.
select
    count(*)::bigint as offers, coalesce(sum(proposal.proposed_quantity), 0)::float8 as units,
    coalesce(sum(proposal.expected_cost_poisha), 0)::bigint as cost_poisha, max(proposal.as_of_on) as as_of_on
from marts_ml.supply_proposal as proposal
join marts.dim_product as products using (product_id)
where proposal.proposed_quantity > 0
    and (:category::text is null or products.category = :category)
    and (:seller_id::text is null or proposal.seller_id = :seller_id::uuid)

-- name: supply_proposals
-- Purchases proposed, dearest first.
select
    products.title_en, sellers.name as seller_name, proposal.on_hand, proposal.reserved, proposal.reorder_point,
    proposal.safety_stock, proposal.proposed_quantity, proposal.expected_cost_poisha, proposal.reason
from marts_ml.supply_proposal as proposal
join marts.dim_product as products using (product_id)
left join marts.dim_seller as sellers on sellers.seller_id = proposal.seller_id
where proposal.proposed_quantity > 0
    and (:category::text is null or products.category = :category)
    and (:seller_id::text is null or proposal.seller_id = :seller_id::uuid)
order by proposal.expected_cost_poisha desc
limit 200

-- name: supply_by_category
-- Cost of the proposed purchases by category.
select products.category, sum(proposal.expected_cost_poisha)::bigint as cost_poisha, count(*)::bigint as offers
from marts_ml.supply_proposal as proposal
join marts.dim_product as products using (product_id)
where proposal.proposed_quantity > 0
    and (:category::text is null or products.category = :category)
    and (:seller_id::text is null or proposal.seller_id = :seller_id::uuid)
group by products.category
order by cost_poisha desc
limit 12

-- name: champions
-- The models that serve now, with their metrics beside the baselines.
select family, version, metric, value, baseline_name, baseline_value, trained_at
from marts_ml.model_registry
where alias = 'champion'
order by family, metric, baseline_name
