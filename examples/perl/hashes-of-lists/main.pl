use strict;
use warnings;
use List::Util qw(sum max);

my %marks;
while (my $row = <DATA>) {
    my ($name, $subject, $mark) = split ' ', $row;
    push @{ $marks{$name} }, $mark;
}

my $width = max map {length} keys %marks;
for my $name (sort { mean($marks{$b}) <=> mean($marks{$a}) } keys %marks) {
    printf "%-*s  %.2f  (%s)\n", $width, $name, mean($marks{$name}), join ' ', @{ $marks{$name} };
}

sub mean {
    my ($numbers) = @_;
    return sum(@$numbers) / @$numbers;
}

__DATA__
Ada maths 97
Ben maths 78
Ada art 81
Ben art 92
Cleo maths 88
Cleo music 95
