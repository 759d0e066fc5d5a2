use strict;
use warnings FATAL => 'numeric';

my $number = eval { 0 + '12x' };
if ($@ =~ /isn't numeric/) {
    print "caught\n";
    exit 3;
}
print "$number\n";
