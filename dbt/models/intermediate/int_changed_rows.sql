-- Which rows a load brought, of the tables whose past is kept: what dimensions over time must look at again.
select
    'catalog.offers' as table_name,
    id as row_id,
    _load_no as load_no
from {{ source('raw', 'catalog__offers') }}
union all
select
    'catalog.products',
    id,
    _load_no
from {{ source('raw', 'catalog__products') }}
union all
select
    'sellers.sellers',
    id,
    _load_no
from {{ source('raw', 'sellers__sellers') }}
union all
select
    table_name,
    (row_key ->> 'id')::uuid,
    _load_no
from {{ source('raw', 'platform__row_history') }}
where table_name in ('catalog.offers', 'catalog.products', 'sellers.sellers')
