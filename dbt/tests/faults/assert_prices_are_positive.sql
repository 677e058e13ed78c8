-- An offer without a price or with a negative one sells at a loss, or pays the buyer.
select
    offer_id,
    price_poisha
from {{ ref('stg_catalog__offers') }}
where price_poisha is null or price_poisha <= 0
