-- title: Sign-ups per minute of the last hour
-- question: How many people signed up in each minute of the last hour?
-- when: At any time. Minutes without a sign-up are absent; near_real_time shows them as zero.
-- columns: minute timestamp, signups bigint
SELECT
  date_trunc('minute', created_at) AS minute,
  count(DISTINCT signup_id) AS signups
FROM signups
-- One hour of slack: an object is filed under the hour in which its oldest record arrived.
WHERE dt >= date_format(current_timestamp - INTERVAL '2' HOUR, '%Y-%m-%d-%H')
  AND created_at >= localtimestamp - INTERVAL '1' HOUR
GROUP BY 1
ORDER BY 1
