-- title: Age pyramid by job
-- question: How old are the people of the twenty most frequent jobs among the sign-ups of the last seven days?
-- when: To profile an audience. Ages are complete years on the day of the query.
-- columns: job varchar, age_18_24 bigint, age_25_34 bigint, age_35_44 bigint, age_45_54 bigint, age_55_64 bigint, age_65_up bigint, signups bigint
WITH people AS (
  SELECT DISTINCT
    signup_id,
    job,
    date_diff('year', TRY_CAST(birth_date AS date), current_date) AS age
  FROM signups
  WHERE dt >= date_format(current_timestamp - INTERVAL '8' DAY, '%Y-%m-%d-%H')
    AND created_at >= localtimestamp - INTERVAL '7' DAY
)
SELECT
  job,
  count_if(age BETWEEN 18 AND 24) AS age_18_24,
  count_if(age BETWEEN 25 AND 34) AS age_25_34,
  count_if(age BETWEEN 35 AND 44) AS age_35_44,
  count_if(age BETWEEN 45 AND 54) AS age_45_54,
  count_if(age BETWEEN 55 AND 64) AS age_55_64,
  count_if(age >= 65) AS age_65_up,
  count(*) AS signups
FROM people
GROUP BY job
ORDER BY signups DESC, job
LIMIT 20
