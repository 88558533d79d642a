-- title: Audit: duplicated sign-ups
-- question: Which sign-ups arrived more than once, and where are the copies?
-- when: When the verdict counts duplicates. Delivery is at least once, so a few are normal; signups_unique hides them.
-- columns: producer_id varchar, sequence bigint, signup_id varchar, copies bigint, first_arrived_at timestamp, last_arrived_at timestamp, first_dt varchar, last_dt varchar
SELECT
  producer_id,
  sequence,
  min(signup_id) AS signup_id,
  count(*) AS copies,
  min(arrived_at) AS first_arrived_at,
  max(arrived_at) AS last_arrived_at,
  min(dt) AS first_dt,
  max(dt) AS last_dt
FROM signups
WHERE dt >= date_format(current_timestamp - INTERVAL '169' HOUR, '%Y-%m-%d-%H')
  AND created_at >= localtimestamp - INTERVAL '168' HOUR
  AND producer_id IS NOT NULL
  AND sequence IS NOT NULL
GROUP BY producer_id, sequence
HAVING count(*) > 1
ORDER BY producer_id, sequence
