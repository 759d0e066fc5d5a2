CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT, boss INTEGER);
INSERT INTO staff VALUES
  (1, 'Ada', NULL), (2, 'Ben', 1), (3, 'Cleo', 1), (4, 'Dan', 2), (5, 'Eve', 2), (6, 'Fay', 4);

WITH RECURSIVE below(id, name, depth, path) AS (
  SELECT id, name, 0, name FROM staff WHERE boss IS NULL
  UNION ALL
  SELECT staff.id, staff.name, depth + 1, path || '/' || staff.name
  FROM staff JOIN below ON staff.boss = below.id
)
SELECT substr('                ', 1, depth * 2) || name FROM below ORDER BY path;
