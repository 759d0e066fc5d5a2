% The driver of a live session for SWI-Prolog. docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101.
%
% A cell of clauses and directives is consulted, as a file of its own: predicates that it defines replace those of earlier cells. `?- Goal.` in it is
% a query: the cell's result is what the last one answered, all its solutions up to a bound. A thread reads the channel, so that questions are
% answered while a cell runs; cells run in the main thread.
:- module(session, []).
:- use_module(library(unix)).
:- use_module(library(lists)).
:- use_module(library(apply)).
:- use_module(library(readutil)).
:- use_module(library(prolog_stack)).
:- use_module(library(http/json)).
:- use_module(library(listing)).

:- dynamic channel_in/1, channel_out/1, begun/0, owner/1, running/1, asked/1, failure/3, answered/2, initial/1, cell_text/2.
:- volatile running/1.

record_limit(1048576).
text_limit(65536).
row_limit(200).
solution_limit(100).

% --- The channel. A pipe of library(unix) gives streams, whose descriptors are then made those of the channel; what programs that cells start
% inherit as 100 and 101 is /dev/null.

channel :-
    pipe(In, First), pipe(Second, Out),
    set_stream(In, encoding(octet)), set_stream(Out, encoding(octet)),
    stream_property(In, file_no(InNumber)), stream_property(Out, file_no(OutNumber)),
    dup(100, InNumber), dup(101, OutNumber),
    close(First), close(Second),
    open('/dev/null', update, Null), stream_property(Null, file_no(NullNumber)),
    dup(NullNumber, 100), dup(NullNumber, 101), close(Null),
    set_stream(In, close_on_exec(true)), set_stream(Out, close_on_exec(true)),
    assertz(channel_in(In)), assertz(channel_out(Out)).

lost(Reason) :-
    catch((format(user_error, "session: ~w~n", [Reason]), flush_output(user_error)), _, true),
    process_end(70).

% Without waiting for threads, of which one is in a read.
process_end(Status) :- catch(flush_output(user_output), _, true), halt(Status).

send(Record) :-
    owner(Owner), current_prolog_flag(pid, Pid),
    (   Pid =\= Owner
    ->  true % A cell's child: it never answers.
    ;   with_output_to(string(Text), json_write_dict(current_output, Record, [width(0)])),
        string_bytes(Text, Bytes, utf8), length(Bytes, Size),
        record_limit(Limit), ( Size > Limit -> throw(error(resource_error(record), _)) ; true ),
        B3 is Size >> 24, B2 is (Size >> 16) /\ 255, B1 is (Size >> 8) /\ 255, B0 is Size /\ 255,
        channel_out(Out),
        with_mutex(session_records, sig_atomic((maplist(put_byte(Out), [B3, B2, B1, B0]), format(Out, "~s", [Bytes]), flush_output(Out))))
    ).

receive(In, Record) :-
    get_byte(In, B3), ( B3 == -1 -> process_end(0) ; true ), % The service is gone or has closed the session.
    get_byte(In, B2), get_byte(In, B1), get_byte(In, B0),
    Size is B3 << 24 + B2 << 16 + B1 << 8 + B0,
    record_limit(Limit), ( Size > Limit -> lost("channel: record too large") ; true ),
    read_string(In, Size, Raw),
    string_codes(Raw, Bytes),
    catch(string_bytes(Text, Bytes, utf8), _, lost("channel: no UTF-8")),
    setup_call_cleanup(open_string(Text, Stream), json_read_dict(Stream, Record, [value_string_as_atom(false)]), close(Stream)).

% json_read_dict/3 leaves surrogate pairs as they are.
text(String, Text) :-
    string_codes(String, Codes),
    (   member(Code, Codes), Code >= 0xd800, Code =< 0xdfff -> joined(Codes, Joined), string_codes(Text, Joined) ; Text = String ).

joined([], []).
joined([H, L|T], [C|R]) :- H >= 0xd800, H =< 0xdbff, L >= 0xdc00, L =< 0xdfff, !, C is 0x10000 + ((H /\ 1023) << 10) + (L /\ 1023), joined(T, R).
joined([C|T], [D|R]) :- ( C >= 0xd800, C =< 0xdfff -> D = 0xfffd ; D = C ), joined(T, R).

% At most so many bytes, by whole characters.
cut(Text, Limit, Cut) :-
    text_to_string(Text, String), string_length(String, Length),
    (   Length * 4 =< Limit
    ->  Cut = String
    ;   Most is min(Length, Limit), sub_string(String, 0, Most, _, Start),
        string_codes(Start, Codes), within(Codes, Limit, Kept), string_codes(Cut, Kept)
    ).

within([C|T], Left, [C|R]) :- ( C < 0x80 -> N = 1 ; C < 0x800 -> N = 2 ; C < 0x10000 -> N = 3 ; N = 4 ), Left >= N, !, Rest is Left - N, within(T, Rest, R).
within(_, _, []).

read_channel(In) :-
    repeat,
    receive(In, Record),
    text(Record.id, Id),
    take(Record.type, Id, Record),
    fail.

take("execute", Id, Record) :- !, text(Record.code, Code), Silent = Record.get(silent, false), thread_send_message(session_cells, cell(Id, Code, Silent)).
take("interrupt", Id, _) :- !, % Only the cell it was sent for.
    ( running(Id) -> assertz(asked(Id)), thread_signal(main, session:stop(Id)), thread_create(insist(Id), _, [detached(true)]) ; true ).
take(Type, Id, Record) :-
    catch(( answer(Type, Record, Fields) -> true ; Fields = _{error: "no answer"} ), Problem, (described(Problem, _, Message), cut(Message, 500, Text), Fields = _{error: Text})),
    send(Fields.put(_{type: "answer", id: Id})).

stop(Id) :- ( running(Id) -> throw(session_interrupt) ; true ).

% An exception can be caught by the cell, `abort` cannot. It would end a process that reads standard input, so it comes second.
insist(Id) :- sleep(0.5), ( running(Id) -> thread_signal(main, session:stop_for_good(Id)) ; true ).
stop_for_good(Id) :- ( running(Id) -> abort ; true ).

% --- Cells

execute(Id, Code, Silent) :-
    retractall(asked(_)), retractall(failure(_, _, _)), retractall(answered(_, _)),
    assertz(running(Id)),
    catch(run(Id, Code), Problem, noted(Problem)),
    (   failure(_, _, _) -> true
    ;   answered(Text, Value), Silent \== true
    ->  catch(report(Id, Text, Value), Problem2, noted(Problem2))
    ;   true ),
    finish(Id).

finish(Id) :-
    ( stream_property(user_input, error(true)) -> catch(ignore(peek_string(user_input, 0, _)), _, true) ; true ), % A read that was interrupted: its error is over.
    retractall(running(_)),
    (   asked(Id), failure("aborted", _, _)
    ->  Status = "interrupted", send(_{type: "error", id: Id, exception: "Interrupted", message: "the cell was interrupted", traceback: []})
    ;   failure(Name, Message, Lines)
    ->  Status = "error", told(Id, Name, Message, Lines)
    ;   Status = "ok" ),
    flush,
    owner(Owner), current_prolog_flag(pid, Pid),
    ( Pid =\= Owner -> halt(0) ; true ), % A child that the cell forked has come to the cell's end: it is at its own.
    send(_{type: "done", id: Id, status: Status}).

flush :- catch(flush_output(user_output), _, true), catch(flush_output(user_error), _, true).

told(Id, Name, Message, Lines) :-
    cut(Name, 200, ShortName), cut(Message, 8000, ShortMessage),
    split_string(ShortMessage, "\n", "", First), append(First, Lines, All), length(All, Count), Most is min(Count, 200), length(Some, Most), append(Some, _, All),
    findall(Short, (member(Line, Some), cut(Line, 600, Short)), Shorts),
    send(_{type: "error", id: Id, exception: ShortName, message: ShortMessage, traceback: Shorts}).

report(Id, Text, Value) :-
    text_limit(Limit), cut(Text, Limit, Repr), ( Repr == Text -> Truncated = false ; Truncated = true ),
    Record = _{type: "result", id: Id, repr: Repr, truncated: Truncated},
    (   Value = some(Json), with_output_to(string(Encoded), json_write_dict(current_output, Json, [width(0)])), string_length(Encoded, Size), Size =< Limit // 4
    ->  send(Record.put(value, Json))
    ;   send(Record) ).

% The first problem of a cell is its error.
noted(Problem) :-
    (   failure(_, _, _)
    ->  true
    ;   described(Problem, Name, Message), trace_of(Problem, Lines), assertz(failure(Name, Message, Lines)) ).

described('$aborted', "aborted", "the execution was aborted") :- !.
described(session_interrupt, "aborted", "the execution was interrupted") :- !.
described(Problem, Name, Message) :-
    ( Problem = error(Formal, _), nonvar(Formal) -> functor(Formal, Name0, _) ; nonvar(Problem) -> functor(Problem, Name0, _) ; Name0 = error ),
    ( atom(Name0) -> atom_string(Name0, Name) ; term_string(Name0, Name) ),
    (   Problem = error(Formal, Context)
    ->  without_stack(Context, Plain),
        catch((phrase('$messages':translate_message(error(Formal, Plain)), Parts), with_output_to(string(Message0), print_message_lines(current_output, '', Parts))), _, Message0 = "error"),
        split_string(Message0, "", "\n\t ", [Message])
    ;   catch(shown(Problem, Message), _, Message = "the error cannot be printed") ).

without_stack(Context, Plain) :- nonvar(Context), Context = context(Stack, Message), nonvar(Stack), Stack = prolog_stack(_), !, Plain = context(_, Message).
without_stack(Context, Context).

trace_of(error(_, Context), Lines) :-
    nonvar(Context), Context = context(Stack, _), nonvar(Stack), Stack = prolog_stack(Frames), !,
    catch(( with_output_to(string(Text), print_prolog_backtrace(current_output, Frames)), split_string(Text, "\n", " ", All), mine(All, Lines) ), _, Lines = []).
trace_of(_, []).

% Down to the driver's own frames.
mine([], []).
mine([Line|Rest], Lines) :-
    (   sub_string(Line, _, _, _, "session") -> Lines = []
    ;   ( Line == "" ; sub_string(Line, _, _, _, "catch_with_backtrace") ) -> mine(Rest, Lines)
    ;   Lines = [Line|More], mine(Rest, More) ).

% Queries at the beginning are run as they are read; what follows the first clause or directive is consulted.
run(Id, Code) :-
    setup_call_cleanup(open_string(Code, Stream), run_terms(Stream, Id, Code), close(Stream)).

run_terms(Stream, Id, Code) :-
    catch(read_term(Stream, Term, [module(user), variable_names(Names), term_position(Place), syntax_errors(error), double_quotes(codes)]), _, Term = (:- unreadable)),
    (   Term == end_of_file
    ->  true
    ;   Term = (?- _)
    ->  again(Stream, Code, Place, Goal, Names2), query(Goal, Names2), ( failure(_, _, _) -> true ; run_terms(Stream, Id, Code) )
    ;   ( nonvar(Place), stream_position_data(char_count, Place, Offset) -> true ; Offset = 0 ),
        ignore(Names = _), consulted(Id, Code, Offset) ).

% The same term as the module user's flags want it read.
again(_, Code, Place, Goal, Names) :-
    stream_position_data(char_count, Place, Offset), sub_string(Code, Offset, _, 0, Rest),
    setup_call_cleanup(open_string(Rest, Stream), read_term(Stream, (?- Goal), [module(user), variable_names(Names), syntax_errors(error)]), close(Stream)).

% Lines keep their numbers: what was run already is blank.
consulted(Id, Code, Offset) :-
    sub_string(Code, 0, Offset, _, Before), sub_string(Code, Offset, _, 0, After),
    split_string(Before, "\n", "", Lines), length(Lines, Count), Blank is Count - 1,
    length(Newlines, Blank), maplist(=(0'\n), Newlines), string_codes(Start, Newlines),
    string_concat(Start, After, Text), atomic_list_concat(['/box/cell ', Id], File),
    setup_call_cleanup(open_string(Text, Stream),
        load_files(user:File, [stream(Stream), silent(true)]), close(Stream)).

in_cell :- running(_), prolog_load_context(source, File), sub_atom(File, 0, _, _, '/box/cell '), thread_self(main).

:- multifile system:term_expansion/2.
:- dynamic system:term_expansion/2.
system:term_expansion((?- Goal), []) :-
    session:in_cell, !,
    ( prolog_load_context(variable_names, Names) -> true ; Names = [] ),
    session:query(Goal, Names).

:- multifile user:message_hook/3.
:- dynamic user:message_hook/3.
user:message_hook(Term, Kind, _) :- thread_self(main), session:running(_), session:message(Term, Kind).

message(redefined_procedure(_, _), _) :- !.
message(singletons((?- _), _), _) :- !.
message(aborted, _) :- !.
message('$aborted', _) :- !.
message(unhandled_exception('$aborted'), _) :- !.
message(unhandled_exception(_, '$aborted'), _) :- !.
message(Term, error) :- \+ failure(_, _, _), problem(Term, Problem), !, noted(Problem).
message(Term, warning) :- \+ failure(_, _, _), ( goal_failed(Term, Goal) -> true ; problem(Term, Problem) ), !,
    ( nonvar(Goal) -> shown(Goal, Text), string_concat("Goal (directive) failed: ", Text, Message), assertz(failure("goal_failed", Message, [])) ; noted(Problem) ).

goal_failed(goal(failed, Goal), Goal).
goal_failed(goal_failed(_, Goal), Goal).
goal_failed(init_goal(failed, @(Goal, _)), Goal).
goal_failed(init_goal(failed, Goal), Goal) :- Goal \= @(_, _).
goal_failed(goal_failed(Goal), Goal).

problem(init_goal(goal_raised(Problem), _), Problem).
problem(init_goal(Problem, _), Problem) :- Problem \== failed.
problem(unhandled_exception(Problem), Problem).
problem(goal_raised(Problem), Problem).
problem(error(Formal, Context), error(Formal, Context)).
problem('$aborted', '$aborted').
problem(session_interrupt, session_interrupt).

% --- Queries

query(Goal, Names) :-
    exclude(hidden, Names, Shown),
    State = state(0, [], more),
    catch_with_backtrace(solutions(Goal, Shown, State), Problem, noted(Problem)),
    (   failure(_, _, _) -> true
    ;   State = state(Count, Reversed, End), reverse(Reversed, Solutions),
        (   Count =:= 0
        ->  Text = "false.", Value = some(false)
        ;   findall(T, member(T-_, Solutions), Texts), atomic_list_concat(Texts, ' ;\n', Joined),
            ( End == all -> Dot = '.' ; Dot = ' ;\n…' ), atomic_list_concat([Joined, Dot], Atom), atom_string(Atom, Text),
            (   Shown == [], Count =:= 1, End == all -> Value = some(true)
            ;   findall(J, member(_-J, Solutions), Jsons), \+ memberchk(none, Jsons) -> Value = some(Jsons)
            ;   Value = none ) ),
        retractall(answered(_, _)), assertz(answered(Text, Value)) ).

hidden(Name=_) :- sub_atom(Name, 0, _, _, '_').

solutions(Goal, Names, State) :-
    catch(expand_goal(user:Goal, Expanded), _, Expanded = user:Goal),
    solution_limit(Limit),
    (   call(Expanded),
        solution(Names, Text, Json),
        arg(1, State, Before), Count is Before + 1, nb_setarg(1, State, Count),
        arg(2, State, Others), nb_setarg(2, State, [Text-Json|Others]),
        Count >= Limit
    ->  true
    ;   nb_setarg(3, State, all) ).

solution([], "true", _{}) :- !.
solution(Names, Text, Json) :-
    ( catch(pairs_json(Names, Json), _, fail) -> true ; Json = none ),
    copy_term(Names, Copy, Residual), named(Copy, Bound), term_variables(Bound-Residual, Others), letters(Others, 0),
    findall(T, (member(Name=Value, Bound), shown(Value, V, 699), format(string(T), "~w = ~s", [Name, V])), Bindings),
    findall(T, (member(Residue, Residual), plain(Residue, P), shown(P, T, 999)), Constraints),
    append(Bindings, Constraints, Parts),
    ( Parts == [] -> Text = "true" ; atomic_list_concat(Parts, ', ', Atom), atom_string(Atom, Text) ).

plain(user:Goal, Goal) :- !.
plain(Goal, Goal).

named([], []).
named([Name=Value|Rest], Bound) :- ( var(Value) -> Value = '$VAR'(Name), Bound = More ; Bound = [Name=Value|More] ), named(Rest, More).

letters([], _).
letters(['$VAR'(Name)|Rest], N) :- ( N < 26 -> Code is 0'A + N, format(atom(Name), "_~c", [Code]) ; format(atom(Name), "_G~d", [N]) ), M is N + 1, letters(Rest, M).

shown(Term, Text) :- shown(Term, Text, 1200).
shown(Term, Text, Priority) :-
    with_output_to(string(Text), write_term(Term, [quoted(true), portray(true), numbervars(true), spacing(next_argument), priority(Priority), cycles(true)])).

% Solutions as JSON, where every value is that as it stands: numbers, strings, atoms as strings, lists.
pairs_json(Names, Json) :- pairs(Names, Pairs), dict_pairs(Json, _, Pairs).

pairs([], []).
pairs([Name=Value|Rest], [Name-Json|More]) :- json(Value, 0, Json), pairs(Rest, More).

json(Value, _, _) :- var(Value), !, fail.
json(Value, _, Value) :- integer(Value), !, abs(Value) < 9007199254740992.
json(Value, _, Value) :- float(Value), !, Value =:= Value, abs(Value) < inf.
json(Value, _, Value) :- string(Value), !, string_length(Value, Length), Length < 16384.
json([], _, []) :- !.
json(Value, _, Text) :- atom(Value), !, atom_string(Value, Text), string_length(Text, Length), Length < 16384.
json(Value, Depth, List) :- is_list(Value), length(Value, Length), Length < 2000, Depth < 32, Next is Depth + 1, jsons(Value, Next, List).

jsons([], _, []).
jsons([Value|Rest], Depth, [Json|More]) :- json(Value, Depth, Json), jsons(Rest, Depth, More).

% `halt` in a cell.
leaving :-
    owner(Owner), current_prolog_flag(pid, Owner),
    (   retract(running(Id)) -> flush, send(_{type: "done", id: Id, status: "ok"}) ; true ).

:- include(session_questions).

start :-
    forall(member(File, ['session.pl', 'session_questions.pl']), catch(delete_file(File), _, true)), % Nobody needs them any more, and a cell should find its folder empty.
    current_prolog_flag(pid, Pid), assertz(owner(Pid)),
    channel,
    message_queue_create(_, [alias(session_cells)]),
    prompt(_, ''), set_stream(user_input, eof_action(reset)), set_stream(user_output, buffer(line)), set_stream(user_output, tty(false)), set_stream(user_input, tty(false)),
    set_prolog_flag(stack_limit, 134217728), % An error, and not the end of the sandbox.
    set_prolog_flag(verbose_load, silent), set_prolog_flag(color_term, false), set_prolog_flag(toplevel_mode, backtracking),
    at_halt(session:leaving),
    '$set_source_module'(user), '$set_typein_module'(user),
    forall((current_predicate(Functor, user:Head), functor(Head, Functor, Arity)), (format(atom(Name), "~q/~d", [Functor, Arity]), assertz(initial(Name)))).

begin :-
    current_prolog_flag(version_data, swi(Major, Minor, Patch, _)), format(string(Version), "~d.~d.~d", [Major, Minor, Patch]),
    send(_{type: "ready", protocol: 1, language: "prolog", version: Version,
        features: ["complete", "inspect", "is_complete", "variables", "concurrent", "interrupt"]}),
    channel_in(In), thread_create(read_channel(In), _, [alias(session_reader), detached(true)]).

% The toplevel: it begins anew after `abort`, which nothing catches for good, and which is what an interrupt is.
serve :-
    on_signal(int, _, session:hit), % Interrupts are what the channel says.
    ( begun -> true ; assertz(begun), begin ),
    ( running(Id) -> ( failure(_, _, _) -> true ; noted('$aborted') ), finish(Id) ; true ),
    repeat,
    thread_get_message(session_cells, cell(Next, Code, Silent)),
    execute(Next, Code, Silent),
    fail.

hit(_).
