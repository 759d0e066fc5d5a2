-module(main).
-export([main/1]).

main(_) ->
    Processes = 100,
    Rounds = 3,
    First = self(),
    Last = lists:foldl(fun(_, Next) -> spawn(fun() -> pass(Next) end) end, First, lists:seq(1, Processes)),
    Total = lists:foldl(
        fun(Round, Sum) ->
            Last ! {count, 0},
            receive
                {count, Count} ->
                    io:format("round ~p: ~p hands~n", [Round, Count]),
                    Sum + Count
            after 2000 -> exit(lost)
            end
        end, 0, lists:seq(1, Rounds)),
    io:format("~p messages in all~n", [Total]).

pass(Next) ->
    receive
        {count, Count} ->
            Next ! {count, Count + 1},
            pass(Next)
    end.
