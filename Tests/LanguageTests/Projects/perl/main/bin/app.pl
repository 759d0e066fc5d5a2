use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Shapes qw(square);

print "square of $_: ", square($_), "\n" for 6, 7;
