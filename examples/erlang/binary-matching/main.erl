-module(main).
-export([main/1]).

packet(Version, Urgent, Body) ->
    <<Version:4, Urgent:1, 0:3, (byte_size(Body)):16, Body/binary>>.

read(<<Version:4, Urgent:1, _:3, Length:16, Body:Length/binary, Rest/binary>>) ->
    {ok, {Version, Urgent =:= 1, Body}, Rest};
read(Bytes) ->
    {more, byte_size(Bytes)}.

read_all(Bytes) ->
    case read(Bytes) of
        {ok, Packet, Rest} ->
            io:format("~p~n", [Packet]),
            read_all(Rest);
        {more, Left} ->
            io:format("~p bytes wait for the rest~n", [Left])
    end.

main(_) ->
    Bytes = <<(packet(4, 0, <<"hello">>))/binary, (packet(6, 1, <<"fire">>))/binary, 16#40, 0>>,
    io:format("~w~n", [Bytes]),
    read_all(Bytes).
