-- title: Job ranking by state
-- question: Which three jobs lead in each state, and how far is each behind the leader?
-- when: At any time; over the last seven days. Jobs that tie share a place.
-- columns: state varchar, place bigint, job varchar, signups bigint, behind_leader bigint, percent_of_state double
WITH jobs AS (
  SELECT
    address.state AS state,
    job,
    count(DISTINCT signup_id) AS signups
  FROM signups
  WHERE dt >= date_format(current_timestamp - INTERVAL '8' DAY, '%Y-%m-%d-%H')
    AND created_at >= localtimestamp - INTERVAL '7' DAY
  GROUP BY 1, 2
),
ranked AS (
  SELECT
    state,
    rank() OVER (PARTITION BY state ORDER BY signups DESC) AS place,
    job,
    signups,
    first_value(signups) OVER (PARTITION BY state ORDER BY signups DESC) - signups AS behind_leader,
    round(100 * CAST(signups AS double) / sum(signups) OVER (PARTITION BY state), 1) AS percent_of_state
  FROM jobs
)
SELECT
  state,
  place,
  job,
  signups,
  behind_leader,
  percent_of_state
FROM ranked
WHERE place <= 3
ORDER BY state, place, job
