-- title: View signups_unique
-- question: Which sign-ups were received, each one once?
-- when: Run once after the first deployment; then query signups_unique instead of signups when a duplicate would hurt. The window function sees every copy, so a filter on dt does not prune partitions: for a short period of a long history, copy the SELECT and filter inside.
-- columns: none
CREATE OR REPLACE VIEW signups_unique AS
SELECT
  signup_id, created_at, name, email, phone, birth_date, job, address, cpf,
  producer_id, sequence, cpf_token, arrived_at, dt
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY signup_id ORDER BY arrived_at, dt) AS copy
  FROM signups
)
WHERE copy = 1
