CREATE TABLE sales (month TEXT, shop TEXT, amount INTEGER);
INSERT INTO sales VALUES
  ('2024-01', 'north', 120), ('2024-02', 'north', 150), ('2024-03', 'north', 90),
  ('2024-01', 'south', 80), ('2024-02', 'south', 95), ('2024-03', 'south', 130);

.mode column
.nullvalue -
SELECT shop, month, amount,
  sum(amount) OVER (PARTITION BY shop ORDER BY month) AS total,
  amount - lag(amount) OVER (PARTITION BY shop ORDER BY month) AS change,
  rank() OVER (PARTITION BY month ORDER BY amount DESC) AS rank
FROM sales ORDER BY shop, month;
