% Included by session.pl.
% --- Questions, while a cell runs or none does. Nothing foreign runs: terms are written without portray.

upto(Record, Before) :- text(Record.code, Code), string_length(Code, Length), Most is min(Record.cursor, Length), sub_string(Code, 0, Most, _, Before).

% The longest name at the end of a text.
token(Before, Token) :-
    string_codes(Before, Codes), reverse(Codes, Reversed), name_codes(Reversed, Name), reverse(Name, Forward), string_codes(Token, Forward).
name_codes([C|T], [C|R]) :- ( code_type(C, csym) ; C == 0'$ ), !, name_codes(T, R).
name_codes(_, []).

answer("complete", Record, _{matches: Matches, start: Start, end: Record.cursor}) :- !,
    upto(Record, Before), token(Before, Prefix), string_length(Prefix, Length), Start is Record.cursor - Length,
    findall(Name-Type, candidate(Prefix, Name, Type), Found), sort(1, @<, Found, Sorted),
    row_limit(Rows), length(Sorted, Count), Most is min(Rows, Count), length(Some, Most), append(Some, _, Sorted),
    findall(_{text: Text, type: Type}, (member(Name-Type, Some), atom_string(Name, Text)), Matches).
answer("inspect", Record, Fields) :- !,
    upto(Record, Before0), split_string(Before0, "", "(", [Before]), string_length(Before, Length),
    text(Record.code, Code), sub_string(Code, Length, _, 0, After), string_codes(After, Codes), name_codes(Codes, Rest), string_codes(Tail, Rest),
    token(Before, Front), string_concat(Front, Tail, Text), atom_string(Name, Text),
    findall(Line, about(Name, Line), Lines),
    (   Name \== '', Lines \== []
    ->  atomic_list_concat(Lines, '\n', Whole), cut(Whole, 60000, Cut), Fields = _{found: true, data: _{'text/plain': Cut}}
    ;   Fields = _{found: false, data: _{}} ).
answer("is_complete", Record, Fields) :- !, text(Record.code, Code), status(Code, Fields).
answer("variables", _, _{variables: Rows}) :- !,
    findall(Name-Row, row(Name, Row), Found), keysort(Found, Sorted), row_limit(Limit), length(Sorted, Count), Most is min(Limit, Count),
    length(Some, Most), append(Some, _, Sorted), findall(Row, member(_-Row, Some), Rows).
answer(_, _, _{error: "unknown type"}).

candidate(Prefix, Name, "function") :- current_predicate(Name, user:Head), begins(Prefix, Name), \+ predicate_property(user:Head, imported_from(session)).
candidate(Prefix, Name, "function") :- predicate_property(system:Head, built_in), functor(Head, Name, _), begins(Prefix, Name).
candidate(Prefix, Name, "function") :- Prefix \== "", '$in_library'(Name, _, _), begins(Prefix, Name).
candidate(Prefix, Name, "module") :- current_module(Name), Name \== session, begins(Prefix, Name).

begins(Prefix, Name) :- sub_atom(Name, 0, _, _, Prefix), \+ sub_atom(Name, 0, _, _, '$').

about(Name, Line) :-
    Name \== '', current_predicate(Name, user:Head), \+ predicate_property(user:Head, imported_from(_)), functor(Head, _, Arity),
    ( predicate_property(user:Head, dynamic) -> Kind = "dynamic" ; Kind = "static" ), predicate_property(user:Head, number_of_clauses(Count)),
    format(string(First), "~q/~d: ~s, ~d clauses", [Name, Arity, Kind, Count]),
    findall(Text, (limited(20, clause(user:Head, Body)), written((Head :- Body), Text)), Texts),
    atomic_list_concat([First|Texts], '\n', Line).
about(Name, Line) :-
    Name \== '', member(Arity, [0, 1, 2, 3, 4, 5, 6, 7, 8]), functor(Head, Name, Arity),
    (   predicate_property(system:Head, built_in) -> format(string(Line), "~q/~d: built in", [Name, Arity])
    ;   \+ current_predicate(Name, user:Head), '$in_library'(Name, Arity, Path), file_base_name(Path, Library), format(string(Line), "~q/~d: of library(~w)", [Name, Arity, Library]) ).

written((Head :- Body), Text) :-
    ( Body == true -> Clause = Head ; Clause = (Head :- Body) ), numbervars(Clause, 0, _),
    with_output_to(string(Text), write_term(Clause, [quoted(true), numbervars(true), spacing(next_argument), max_depth(50), fullstop(true)])).

limited(Limit, Goal) :- State = count(0), call(Goal), arg(1, State, N), ( N < Limit -> M is N + 1, nb_setarg(1, State, M) ; !, fail ).

status(Code, Fields) :-
    setup_call_cleanup(open_string(Code, Stream), catch(all_terms(Stream), Problem, true), close(Stream)),
    (   var(Problem) -> Fields = _{status: "complete"}
    ;   Problem = error(syntax_error(What), _), unfinished(What) -> Fields = _{status: "incomplete", indent: "    "}
    ;   Fields = _{status: "invalid"} ).

all_terms(Stream) :- repeat, read_term(Stream, Term, [module(user), syntax_errors(error)]), Term == end_of_file, !.

unfinished(end_of_file).
unfinished(end_of_file_in_quoted(_)).
unfinished(end_of_file_in_block_comment).
unfinished(end_of_file_in_string).
unfinished(cannot_start_term) :- fail.

row(Name, _{name: Name, type: Kind, repr: Repr, size: Count}) :-
    current_predicate(Functor, user:Head), \+ predicate_property(user:Head, imported_from(_)), functor(Head, Functor, Arity),
    format(atom(Name0), "~q/~d", [Functor, Arity]), \+ initial(Name0), cut(Name0, 200, Name),
    ( predicate_property(user:Head, dynamic) -> Kind = "dynamic" ; Kind = "static" ),
    ( predicate_property(user:Head, number_of_clauses(Count)) -> true ; Count = 0 ),
    ( Count =:= 1 -> Repr = "1 clause" ; format(string(Repr), "~d clauses", [Count]) ).
