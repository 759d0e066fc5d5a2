% Loaded before the program. Output comes as it is written; and a program that has main/0 and runs nothing itself is run by it.
:- ( getenv('NESTBOX_BUFFERING', full) -> true ; set_stream(user_output, buffer(line)) ).

:- dynamic nestbox:has_begun/0.
:- multifile user:term_expansion/2.
:- dynamic user:term_expansion/2.

% A directive of the program's own that is more than a declaration: the program knows how to begin.
user:term_expansion((:- Goal), _) :-
    \+ nestbox:has_begun,
    prolog_load_context(source, File),
    sub_atom(File, 0, _, _, '/box/'),
    \+ nestbox:declares(Goal),
    assertz(nestbox:has_begun),
    fail.

nestbox:declares((First, Second)) :- nestbox:declares(First), nestbox:declares(Second).
nestbox:declares(Goal) :-
    callable(Goal),
    functor(Goal, Name, _),
    memberchk(Name, [module, use_module, reexport, ensure_loaded, consult, load_files, include, '[|]', encoding, expects_dialect,
        dynamic, discontiguous, multifile, module_transparent, meta_predicate, table, thread_local, volatile, public, op,
        set_prolog_flag, style_check, license, chr_constraint, use_foreign_library, noprofile, det, '$set_source_module']).

nestbox:start :-
    ( current_predicate(user:main/0), \+ nestbox:has_begun -> user:main ; true ).
