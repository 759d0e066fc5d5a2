use strict;
use warnings;
use Time::HiRes qw(sleep);

sleep 0.2;
print "awake\n";
