CREATE TABLE planets (name TEXT PRIMARY KEY, diameter INTEGER, moons INTEGER);
INSERT INTO planets VALUES
  ('Mercury', 4879, 0), ('Venus', 12104, 0), ('Earth', 12756, 1), ('Mars', 6792, 2),
  ('Jupiter', 142984, 95), ('Saturn', 120536, 146), ('Uranus', 51118, 28), ('Neptune', 49528, 16);

.mode column
SELECT name, diameter FROM planets WHERE diameter > 50000 ORDER BY diameter DESC;

SELECT name, round(diameter / 12756.0, 2) AS "earths wide", moons
FROM planets WHERE moons BETWEEN 1 AND 20 ORDER BY moons;
