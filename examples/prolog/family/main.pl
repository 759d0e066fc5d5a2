parent(george, mary).   parent(george, paul).
parent(mary, ann).      parent(mary, tom).
parent(paul, lisa).     parent(lisa, max).

ancestor(X, Y) :- parent(X, Y).
ancestor(X, Y) :- parent(X, Z), ancestor(Z, Y).

sibling(X, Y) :- parent(P, X), parent(P, Y), X \= Y.
cousin(X, Y) :- parent(P, X), parent(Q, Y), sibling(P, Q).

main :-
    findall(Y, ancestor(george, Y), Below),
    format("george is an ancestor of ~w~n", [Below]),
    findall(X, ancestor(X, max), Above),
    format("the ancestors of max are ~w~n", [Above]),
    forall(cousin(ann, C), format("ann and ~w are cousins~n", [C])),
    (   ancestor(max, george) -> writeln('that cannot be') ; writeln('max is no ancestor of george') ).

:- initialization(main).
