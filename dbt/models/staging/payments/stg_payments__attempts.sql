select
    id as attempt_id,
    group_id,
    order_id,
    provider,
    state,
    amount_poisha,
    merchant_reference,
    provider_payment_id,
    provider_transaction_id,
    payer_index,
    shares,
    redirect_url,
    decline_code,
    created_at,
    {{ business_date('created_at') }} as created_on,
    resolved_at,
    {{ business_date('resolved_at') }} as resolved_on
from {{ source('raw', 'payments__attempts') }}
