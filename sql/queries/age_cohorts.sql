-- title: Cohorts of ages by day
-- question: Which decades of birth did the sign-ups of each of the last seven days come from?
-- when: To see an audience shift. Days are UTC; percent is of the day.
-- columns: day varchar, born_in varchar, signups bigint, percent double
WITH cohorts AS (
  SELECT
    date_format(created_at, '%Y-%m-%d') AS day,
    substr(birth_date, 1, 3) || '0s' AS born_in,
    count(DISTINCT signup_id) AS signups
  FROM signups
  WHERE dt >= date_format(current_timestamp - INTERVAL '8' DAY, '%Y-%m-%d-%H')
    AND created_at >= date_trunc('day', localtimestamp) - INTERVAL '6' DAY
  GROUP BY 1, 2
)
SELECT
  day,
  born_in,
  signups,
  round(100 * CAST(signups AS double) / sum(signups) OVER (PARTITION BY day), 1) AS percent
FROM cohorts
ORDER BY day DESC, born_in
