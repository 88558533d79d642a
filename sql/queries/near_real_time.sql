-- title: Last fifteen minutes, minute by minute
-- question: How many people signed up in each of the last fifteen minutes, zero included?
-- when: To watch the stream. The newest minutes fill up as the buffers are delivered (see freshness).
-- columns: minute timestamp, signups bigint
WITH minutes AS (
  SELECT minute
  FROM UNNEST(
    sequence(
      date_trunc('minute', localtimestamp) - INTERVAL '14' MINUTE,
      date_trunc('minute', localtimestamp),
      INTERVAL '1' MINUTE
    )
  ) AS t (minute)
),
counted AS (
  SELECT
    date_trunc('minute', created_at) AS minute,
    count(DISTINCT signup_id) AS signups
  FROM signups
  WHERE dt >= date_format(current_timestamp - INTERVAL '2' HOUR, '%Y-%m-%d-%H')
    AND created_at >= date_trunc('minute', localtimestamp) - INTERVAL '14' MINUTE
  GROUP BY 1
)
SELECT
  minutes.minute,
  coalesce(counted.signups, 0) AS signups
FROM minutes
LEFT JOIN counted ON counted.minute = minutes.minute
ORDER BY minutes.minute
