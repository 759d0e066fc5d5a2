use strict;
use warnings;

print "$_\n" for 1 .. 150_000;
