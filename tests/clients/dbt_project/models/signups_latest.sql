{{ config(materialized='incremental', incremental_strategy='insert_overwrite', format='parquet', partitioned_by=['state']) }}
SELECT signup_id, sequence, '{{ var("round") }}' AS made_in, state
FROM {{ ref('signups_staged') }}
{% if is_incremental() %} WHERE state = 'SP' {% endif %}
