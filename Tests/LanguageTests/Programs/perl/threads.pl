use strict;
use warnings;
use threads;
use List::Util qw(sum);

my @workers = map {
    my $worker = $_;
    threads->create(sub { sum(1000 * $worker + 1 .. 1000 * ($worker + 1)) });
} 0 .. 3;

my @sums = map { $_->join } @workers;
print "worker $_: $sums[$_]\n" for 0 .. 3;
print "total: ", sum(@sums), "\n";
