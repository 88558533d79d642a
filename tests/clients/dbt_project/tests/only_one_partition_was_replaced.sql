SELECT count(*) AS found, count(DISTINCT made_in) AS rounds
FROM {{ ref('signups_latest') }}
HAVING count(*) <> 5 OR count(DISTINCT made_in) <> {{ var('rounds') }}
