{{ config(indexes=[{'columns': ['buyer_id'], 'unique': true}]) }}
-- Accounts, without anything that names them: staff and couriers shop too.
select
    user_id as buyer_id,
    kind,
    locale,
    district_code,
    is_synthetic,
    created_at
from {{ ref('stg_identity__users') }}

