-module(shapes).
-export([square/1]).

square(Side) -> Side * Side.
