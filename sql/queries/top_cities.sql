-- title: Top cities
-- question: Which twenty cities had the most sign-ups in the last seven days, and what share of all?
-- when: At any time. Cities of one name in two states are two cities.
-- columns: place bigint, city varchar, state varchar, signups bigint, percent double
WITH cities AS (
  SELECT
    address.city AS city,
    address.state AS state,
    count(DISTINCT signup_id) AS signups
  FROM signups
  WHERE dt >= date_format(current_timestamp - INTERVAL '8' DAY, '%Y-%m-%d-%H')
    AND created_at >= localtimestamp - INTERVAL '7' DAY
  GROUP BY 1, 2
)
SELECT
  rank() OVER (ORDER BY signups DESC) AS place,
  city,
  state,
  signups,
  round(100 * CAST(signups AS double) / sum(signups) OVER (), 1) AS percent
FROM cities
ORDER BY place, city, state
LIMIT 20
