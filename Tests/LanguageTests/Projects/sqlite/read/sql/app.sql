.read sql/sides.sql
.mode list
select 'square of ' || side || ': ' || (side * side) from sides;
