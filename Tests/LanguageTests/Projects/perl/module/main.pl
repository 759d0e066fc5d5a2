use strict;
use warnings;
use lib ".";
use Shapes::Square qw(area);

print "square of $_: ", area($_), "\n" for 6, 7;
