-- title: Freshness by hour
-- question: How long did sign-ups take from the producer to the delivery stream in each of the last 24 hours?
-- when: When data seem late. Add both buffer intervals for the time until a query sees them; a journal that was replayed shows as a long tail.
-- columns: hour timestamp, signups bigint, p50_seconds double, p95_seconds double, p99_seconds double, slowest_seconds double
SELECT
  date_trunc('hour', arrived_at) AS hour,
  count(*) AS signups,
  round(approx_percentile(CAST(date_diff('millisecond', created_at, arrived_at) AS double), 0.5) / 1000, 3) AS p50_seconds,
  round(approx_percentile(CAST(date_diff('millisecond', created_at, arrived_at) AS double), 0.95) / 1000, 3) AS p95_seconds,
  round(approx_percentile(CAST(date_diff('millisecond', created_at, arrived_at) AS double), 0.99) / 1000, 3) AS p99_seconds,
  round(CAST(max(date_diff('millisecond', created_at, arrived_at)) AS double) / 1000, 3) AS slowest_seconds
FROM signups
WHERE dt >= date_format(current_timestamp - INTERVAL '25' HOUR, '%Y-%m-%d-%H')
  AND arrived_at >= localtimestamp - INTERVAL '24' HOUR
GROUP BY 1
ORDER BY 1
