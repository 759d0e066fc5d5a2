:- use_module(library(clpfd)).

queens(N, Queens) :-
    length(Queens, N),
    Queens ins 1..N,
    safe(Queens).

safe([]).
safe([Queen | Others]) :-
    apart(Queen, Others, 1),
    safe(Others).

apart(_, [], _).
apart(Queen, [Other | Others], Distance) :-
    Queen #\= Other,
    abs(Queen - Other) #\= Distance,
    Next is Distance + 1,
    apart(Queen, Others, Next).

draw(N, Queen) :-
    forall(between(1, N, Column), ( Column =:= Queen -> write(' Q') ; write(' .') )),
    nl.

main :-
    queens(8, Queens),
    labeling([ff], Queens),
    maplist(draw(8), Queens),
    findall(1, ( queens(6, Six), label(Six) ), All),
    length(All, Count),
    format("~w solutions for six queens~n", [Count]).

:- initialization(main).
