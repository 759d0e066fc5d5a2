%% Compiles the program in FILE, in memory, and calls its main/1, main/0 or start/0.
-module(run).
-export([start/0]).

start() ->
    [File | Arguments] = init:get_plain_arguments(),
    ok = io:setopts([{encoding, unicode}]),
    ok = io:setopts(standard_error, [{encoding, unicode}]),
    {ok, Names} = file:list_dir("."),
    %% In a sandbox that is prepared ahead the program is not there yet, and there is time. Listing is no look at it.
    lists:member(File, Names) orelse load_compiler(),
    Status =
        case compile(File) of
            {ok, Module} -> run(Module, Arguments);
            error -> 1
        end,
    halt(Status).

%% What compiling and failing needs.
load_compiler() ->
    Example = "f(X) -> case [Y || Y <- X, Y > 1] of [Z | _] -> {Z, #{a => Z}}; [] -> none end.",
    {ok, Tokens, _} = erl_scan:string(Example),
    {ok, Function} = erl_parse:parse_form(Tokens),
    Attributes = [{attribute, 1, module, example}, {attribute, 1, export, [{f, 1}]}],
    {ok, example, _, _} = compile:forms(Attributes ++ [Function], [return]),
    Modules = [epp, erl_error, sys_messages, io_lib, io_lib_format, io_lib_pretty, lists, maps, string],
    lists:foreach(fun code:ensure_loaded/1, Modules).

compile(File) ->
    {ok, Forms} = epp:parse_file(File, [{location, {1, 1}}]),
    Whole =
        case lists:keymember(module, 3, Forms) of
            true -> Forms;
            false -> [{attribute, 1, file, {File, 1}}, {attribute, 1, module, main} | Forms]
        end,
    case compile:forms(Whole, [return, export_all, nowarn_export_all, {source, File}]) of
        {ok, Module, Binary, Warnings} ->
            say(Warnings, "Warning: "),
            {module, Module} = code:load_binary(Module, File, Binary),
            {ok, Module};
        {error, Errors, Warnings} ->
            say(Errors, ""),
            say(Warnings, "Warning: "),
            error
    end.

%% As erlc words them.
say(Messages, Prefix) ->
    Texts = [Text || {File, List} <- Messages, {_, Text} <- sys_messages:format_messages(File, Prefix, List, [])],
    io:put_chars(standard_error, Texts).

run(Module, Arguments) ->
    try
        Exported = [F || F = {_, _} <- [{main, 1}, {main, 0}, {start, 0}],
                         erlang:function_exported(Module, element(1, F), element(2, F))],
        case Exported of
            [{main, 0} | _] -> Module:main();
            [{start, 0} | _] -> Module:start();
            _ -> Module:main(Arguments)
        end,
        0
    catch
        Class:Reason:Trace ->
            Options = #{stack_trim_fun => fun(Called, _, _) -> lists:member(Called, [?MODULE, init]) end},
            io:put_chars(standard_error, [erl_error:format_exception(Class, Reason, Trace, Options), $\n]),
            1
    end.
