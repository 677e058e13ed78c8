{{ config(
    materialized='incremental',
    incremental_strategy='window',
    unique_key='created_on',
    indexes=[{'columns': ['created_on']}, {'columns': ['attempt_id'], 'unique': true}]
) }}
select
    attempt_id,
    group_id,
    provider,
    state,
    amount_poisha,
    payer_index,
    decline_code,
    created_at,
    created_on,
    resolved_at
from {{ ref('stg_payments__attempts') }}
where {{ instant_in_window('created_at') }}
