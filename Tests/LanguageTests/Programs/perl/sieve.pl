use strict;
use warnings;

my $limit = 100_000;
my @composite;
my @primes;
for my $number (2 .. $limit - 1) {
    next if $composite[$number];
    push @primes, $number;
    for (my $multiple = $number * $number; $multiple < $limit; $multiple += $number) {
        $composite[$multiple] = 1;
    }
}
print scalar(@primes), " $primes[-1]\n";
