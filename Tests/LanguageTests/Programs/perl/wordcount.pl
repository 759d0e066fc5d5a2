use strict;
use warnings;

my ($words, %count) = (0);
while (my $line = <STDIN>) {
    for my $word (split ' ', $line) {
        $words++;
        $count{$word}++;
    }
}
print "$. $words ", scalar(keys %count), "\n";
my @sorted = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
print "$count{$_} $_\n" for @sorted[0 .. 4];
