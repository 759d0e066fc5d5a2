CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE books (title TEXT NOT NULL, author INTEGER REFERENCES authors, pages INTEGER);
INSERT INTO authors VALUES (1, 'Austen'), (2, 'Tolstoy'), (3, 'Borges'), (4, 'Nobody');
INSERT INTO books VALUES
  ('Emma', 1, 474), ('Persuasion', 1, 249), ('War and Peace', 2, 1225),
  ('Ficciones', 3, 174), ('The Aleph', 3, 210);

.mode column
SELECT name, count(title) AS books, coalesce(sum(pages), 0) AS pages
FROM authors LEFT JOIN books ON books.author = authors.id
GROUP BY authors.id ORDER BY pages DESC;

SELECT name AS "more than one book"
FROM authors JOIN books ON books.author = authors.id
GROUP BY authors.id HAVING count(*) > 1 ORDER BY name;
