{{ config(materialized='view') }}
SELECT signup_id, sequence, created_at, address.state AS state
FROM {{ source('lake', 'signups') }}
WHERE producer_id = 'clients'
