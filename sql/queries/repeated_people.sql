-- title: People who signed up more than once
-- question: Which people, told apart by cpf_token and never by CPF, signed up more than once in the last seven days?
-- when: To find repeated registrations. A token changes with the token key: after a rotation one person has two.
-- columns: cpf_token varchar, signups bigint, emails bigint, first_created_at timestamp, last_created_at timestamp
SELECT
  cpf_token,
  count(DISTINCT signup_id) AS signups,
  count(DISTINCT email) AS emails,
  min(created_at) AS first_created_at,
  max(created_at) AS last_created_at
FROM signups
WHERE dt >= date_format(current_timestamp - INTERVAL '8' DAY, '%Y-%m-%d-%H')
  AND created_at >= localtimestamp - INTERVAL '7' DAY
  AND cpf_token IS NOT NULL
GROUP BY cpf_token
HAVING count(DISTINCT signup_id) > 1
ORDER BY signups DESC, cpf_token
LIMIT 100
