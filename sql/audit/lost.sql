-- title: Audit: lost sign-ups
-- question: Which sequence numbers of each producer never arrived?
-- when: When the verdict counts a loss. One row per gap, over the last seven days.
-- columns: producer_id varchar, first_missing bigint, last_missing bigint, lost bigint
WITH arrived AS (
  SELECT producer_id, sequence, min(created_at) AS created_at
  FROM signups
  WHERE dt >= date_format(current_timestamp - INTERVAL '169' HOUR, '%Y-%m-%d-%H')
    AND created_at >= localtimestamp - INTERVAL '168' HOUR
    AND producer_id IS NOT NULL
    AND sequence IS NOT NULL
  GROUP BY producer_id, sequence
),
neighbours AS (
  SELECT
    producer_id,
    sequence,
    lag(sequence) OVER (PARTITION BY producer_id ORDER BY sequence) AS previous,
    min(created_at) OVER (PARTITION BY producer_id) AS began_at
  FROM arrived
),
gaps AS (
  SELECT
    producer_id,
    sequence,
    -- Before the first one: 0 when the run began inside the window, else unknown and taken as complete.
    coalesce(
      previous,
      CASE WHEN began_at >= localtimestamp - INTERVAL '167' HOUR THEN 0 ELSE sequence - 1 END
    ) AS previous
  FROM neighbours
)
SELECT
  producer_id,
  previous + 1 AS first_missing,
  sequence - 1 AS last_missing,
  sequence - previous - 1 AS lost
FROM gaps
WHERE sequence - previous > 1
ORDER BY producer_id, first_missing
