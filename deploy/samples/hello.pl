use strict;
use warnings;
use List::Util qw(product);

chomp(my $name = <STDIN>);
printf "hello %s from Perl: %d\n", $name, product(2, 3, 7);
