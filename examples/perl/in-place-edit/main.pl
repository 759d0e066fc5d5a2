use strict;
use warnings;

{
    local ($^I, @ARGV) = ('.old', 'prices.txt');
    while (<>) {
        s/(\d+\.\d\d)/sprintf '%.2f', $1 * 1.1/e;
        print;
    }
}

open my $old, '<', 'prices.txt.old' or die "prices.txt.old: $!";
open my $new, '<', 'prices.txt'     or die "prices.txt: $!";
while (defined(my $before = <$old>)) {
    my $after = <$new>;
    chomp($before, $after);
    print $before eq $after ? "  $before\n" : "- $before\n+ $after\n";
}
