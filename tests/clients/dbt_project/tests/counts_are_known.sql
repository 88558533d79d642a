-- What is wrong, if anything: dbt wants no rows.
WITH expected (state, label, signups) AS (
  VALUES ('SP', 'São Paulo', 2), ('RJ', 'Rio de Janeiro', 1), ('AM', 'Amazonas', 1), ('BA', 'Bahia', 1)
)
SELECT * FROM expected
FULL JOIN {{ ref('signups_per_state') }} AS found
  ON found.state = expected.state AND found.label = expected.label AND found.signups = expected.signups
WHERE expected.state IS NULL OR found.state IS NULL
