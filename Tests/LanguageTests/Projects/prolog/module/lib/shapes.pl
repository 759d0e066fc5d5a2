:- module(shapes, [square/2]).

square(Side, Area) :- Area is Side * Side.
