-- title: Audit: verdict
-- question: Did every sign-up that each producer emitted arrive, and how many arrived twice?
-- when: After a run was delivered (while it runs, a gap may still sit in the buffer). Covers the last seven days. What a producer emitted after its last sign-up that arrived is known to its own report only.
-- columns: producer_id varchar, first_sequence bigint, last_sequence bigint, expected bigint, distinct_received bigint, received bigint, lost bigint, duplicated bigint
WITH runs AS (
  SELECT
    producer_id,
    min(sequence) AS first_sequence,
    max(sequence) AS last_sequence,
    count(DISTINCT sequence) AS distinct_received,
    count(*) AS received,
    -- A run that was already going when the window opens is counted from the first sign-up seen, any other from 1.
    CASE
      WHEN min(created_at) >= localtimestamp - INTERVAL '167' HOUR THEN max(sequence)
      ELSE max(sequence) - min(sequence) + 1
    END AS expected
  FROM signups
  WHERE dt >= date_format(current_timestamp - INTERVAL '169' HOUR, '%Y-%m-%d-%H')
    AND created_at >= localtimestamp - INTERVAL '168' HOUR
    AND producer_id IS NOT NULL
    AND sequence IS NOT NULL
  GROUP BY producer_id
)
SELECT
  producer_id,
  first_sequence,
  last_sequence,
  expected,
  distinct_received,
  received,
  expected - distinct_received AS lost,
  received - distinct_received AS duplicated
FROM runs
ORDER BY producer_id
