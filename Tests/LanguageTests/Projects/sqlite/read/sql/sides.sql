create table sides (side integer);
insert into sides values (6), (7);
