:- use_module('../lib/shapes').

:- initialization(forall(member(Side, [6, 7]), (square(Side, Area), format("square of ~w: ~w~n", [Side, Area])))).
