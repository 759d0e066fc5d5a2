use strict;
use warnings;
use feature qw(say);
use List::Util qw(none);

my $size = 8;
my @found;

sub place {
    my @columns = @_;
    my $row = @columns;
    if ($row == $size) {
        push @found, join '', @columns;
        return;
    }
    for my $column (1 .. $size) {
        my $safe = none { $columns[$_] == $column || abs($columns[$_] - $column) == $row - $_ } 0 .. $row - 1;
        place(@columns, $column) if $safe;
    }
}

place();
say scalar @found;
say $found[0];
