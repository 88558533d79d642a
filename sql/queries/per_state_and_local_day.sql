-- title: Sign-ups per state and local day
-- question: How many people signed up in each state on each of the last seven days, by the calendar of Brasilia?
-- when: For daily reports. The day is that of America/Sao_Paulo, the zone of national statistics, for every state.
-- columns: local_day varchar, state varchar, signups bigint
SELECT
  date_format(created_at AT TIME ZONE 'America/Sao_Paulo', '%Y-%m-%d') AS local_day,
  address.state AS state,
  count(DISTINCT signup_id) AS signups
FROM signups
-- The local day begins up to five hours after the UTC day; a whole day of slack covers it.
WHERE dt >= date_format(current_timestamp - INTERVAL '8' DAY, '%Y-%m-%d-%H')
  AND date_format(created_at AT TIME ZONE 'America/Sao_Paulo', '%Y-%m-%d')
    >= date_format((current_timestamp - INTERVAL '6' DAY) AT TIME ZONE 'America/Sao_Paulo', '%Y-%m-%d')
GROUP BY 1, 2
ORDER BY 1 DESC, 3 DESC, 2
