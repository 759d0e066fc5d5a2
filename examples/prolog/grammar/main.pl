capital(france, paris).
capital(italy, rome).
population(paris, 2100000).
population(rome, 2800000).

question(Answer) --> [what, is, the, capital, of], [Country], { answer(capital(Country, City), City, Answer) }.
question(Answer) --> [how, many, people, live, in], place(City), { answer(population(City, N), N, Answer) }.

place(City) --> [City].
place(City) --> [the, capital, of], [Country], { capital(Country, City) }.

answer(Goal, Value, Value) :- Goal, !.
answer(_, _, 'I do not know').

ask(Text) :-
    split_string(Text, " ", "?", Parts),
    maplist([Part, Word]>>(string_lower(Part, Lower), atom_string(Word, Lower)), Parts, Words),
    (   phrase(question(Answer), Words) -> true ; Answer = 'I do not understand' ),
    format("~w ~w~n", [Text, Answer]).

main :-
    maplist(ask, [
        "What is the capital of France?",
        "How many people live in Rome?",
        "How many people live in the capital of France?",
        "What is the capital of Atlantis?",
        "Where is my hat?"
    ]).

:- initialization(main).
