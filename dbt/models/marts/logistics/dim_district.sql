{{ config(indexes=[{'columns': ['district_code'], 'unique': true}]) }}
select
    district_code,
    district_name_en,
    district_name_bn,
    division_code,
    division_name_en,
    division_name_bn
from {{ ref('stg_reference__districts') }}
