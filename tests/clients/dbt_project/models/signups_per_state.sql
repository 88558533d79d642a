{{ config(materialized='table', format='parquet') }}
SELECT states.label, staged.state, count(*) AS signups
FROM {{ ref('signups_staged') }} AS staged
JOIN {{ ref('states') }} AS states ON states.state = staged.state
GROUP BY 1, 2
