-- title: Data quality of the last day
-- question: How many of the sign-ups of the last 24 hours break a rule of the contract, rule by rule?
-- when: Daily. All but the first column should be 0; without_token counts the time when the token key could not be had.
-- columns: signups bigint, without_id bigint, without_created_at bigint, created_after_arrival bigint, over_an_hour_late bigint, without_cpf bigint, redacted_cpf bigint, without_token bigint, bad_email bigint, bad_phone bigint, bad_postal_code bigint, bad_state bigint, under_age bigint, without_sequence bigint
SELECT
  count(*) AS signups,
  count_if(signup_id IS NULL) AS without_id,
  count_if(created_at IS NULL) AS without_created_at,
  count_if(created_at > arrived_at) AS created_after_arrival,
  count_if(date_diff('minute', created_at, arrived_at) > 60) AS over_an_hour_late,
  count_if(cpf IS NULL) AS without_cpf,
  count_if(cpf = '***.***.***-**') AS redacted_cpf,
  count_if(cpf IS NOT NULL AND cpf_token IS NULL) AS without_token,
  count_if(coalesce(NOT regexp_like(email, '^[a-z0-9._+-]+@example\.(com|org|net)$'), true)) AS bad_email,
  count_if(coalesce(NOT regexp_like(phone, '^\(\d{2}\) 9\d{4}-\d{4}$'), true)) AS bad_phone,
  count_if(coalesce(NOT regexp_like(address.postal_code, '^\d{5}-\d{3}$'), true)) AS bad_postal_code,
  count_if(coalesce(NOT regexp_like(address.state, '^[A-Z]{2}$'), true)) AS bad_state,
  count_if(date_diff('year', TRY_CAST(birth_date AS date), current_date) < 18) AS under_age,
  count_if(producer_id IS NULL OR sequence IS NULL) AS without_sequence
FROM signups
-- No filter on created_at: a row without one is a row to count.
WHERE dt >= date_format(current_timestamp - INTERVAL '1' DAY, '%Y-%m-%d-%H')
