-- title: Mask leaks
-- question: Does any delivered sign-up hold something that looks like an unmasked CPF, and in which object?
-- when: Daily, or as an alarm: the right answer is no row. It names the object and never shows the number.
-- columns: dt varchar, object varchar, signup_id varchar, place varchar
WITH texts AS (
  SELECT
    dt,
    "$path" AS object,
    signup_id,
    cpf,
    concat_ws(
      ' | ',
      name, email, phone, birth_date, job,
      address.street, address.number, address.district, address.city, address.state, address.postal_code
    ) AS others
  FROM signups
  -- No filter on created_at: a row without one is a row to look at.
  WHERE dt >= date_format(current_timestamp - INTERVAL '1' DAY, '%Y-%m-%d-%H')
)
SELECT
  dt,
  object,
  signup_id,
  CASE WHEN NOT regexp_like(cpf, '^\*{3}\.(\d{3}|\*{3})\.(\d{3}|\*{3})-\*{2}$') THEN 'cpf' ELSE 'another column' END AS place
FROM texts
WHERE NOT regexp_like(cpf, '^\*{3}\.(\d{3}|\*{3})\.(\d{3}|\*{3})-\*{2}$')
  OR regexp_like(others, '(^|\D)\d{3}\.?\d{3}\.?\d{3}-?\d{2}(\D|$)')
ORDER BY dt, object, signup_id
