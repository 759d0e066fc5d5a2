-module(tool).
-export([main/1]).
-include("sides.hrl").

main(_) ->
    {ok, shapes} = compile:file("lib/shapes", [{outdir, "/tmp"}]),
    true = code:add_path("/tmp"),
    [io:format("square of ~p: ~p~n", [Side, shapes:square(Side)]) || Side <- ?SIDES].
