{{ config(materialized='incremental', incremental_strategy='window', unique_key='created_on') }}
select
    created_on,
    provider,
    state,
    count(*)::integer as attempts,
    sum(amount_poisha)::bigint as amount_poisha
from {{ ref('fct_payments') }}
where {{ in_window('created_on') }}
group by created_on, provider, state
