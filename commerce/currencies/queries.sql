-- name: rate_on
-- The rate of a currency in force on a day.
select currency, effective_on, micro_taka, source from currencies.rates
where currency = :currency and effective_on <= :on and effective_on >= :since order by effective_on desc limit 1;

-- name: rates_on
-- The rate of each currency in force on a day.
select distinct on (currency) currency, effective_on, micro_taka, source from currencies.rates
where effective_on <= :on and effective_on >= :since order by currency, effective_on desc;

-- name: list_rates
-- Rates of a currency, newest first.
select currency, effective_on, micro_taka, source from currencies.rates
where currency = :currency and (:before::date is null or effective_on < :before::date)
order by effective_on desc limit :limit;

-- name: add_rates
-- New rates; those of a currency and date that are known stay as they are.
insert into currencies.rates (currency, effective_on, micro_taka, source, imported_by, imported_at)
select r.currency, r.effective_on, r.micro_taka, r.source, :staff_id, :now
from unnest(:currencies::text[], :dates::date[], :micro_taka::bigint[], :sources::text[])
    as r (currency, effective_on, micro_taka, source)
order by r.currency, r.effective_on
on conflict do nothing;

-- name: contradicting
-- A rate that is known otherwise.
select r.currency, r.effective_on
from unnest(:currencies::text[], :dates::date[], :micro_taka::bigint[]) as r (currency, effective_on, micro_taka)
join currencies.rates k on k.currency = r.currency and k.effective_on = r.effective_on and k.micro_taka <> r.micro_taka
order by r.currency, r.effective_on limit 1;
