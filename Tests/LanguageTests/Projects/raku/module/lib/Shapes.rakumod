unit module Shapes;

sub square(Int $side) is export { $side ** 2 }
