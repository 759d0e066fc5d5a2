use strict;
use warnings;

my %operators = (
    '+' => sub { $_[0] + $_[1] },
    '-' => sub { $_[0] - $_[1] },
    '*' => sub { $_[0] * $_[1] },
    '/' => sub { $_[1] == 0 ? die "division by zero\n" : $_[0] / $_[1] },
);

sub evaluate {
    my @stack;
    for my $word (split ' ', shift) {
        if (my $operator = $operators{$word}) {
            die "too few numbers before $word\n" if @stack < 2;
            my ($left, $right) = splice @stack, -2;
            push @stack, $operator->($left, $right);
        } elsif ($word =~ /^-?\d+(\.\d+)?$/) {
            push @stack, $word;
        } else {
            die "what is $word?\n";
        }
    }
    die "one result expected, there are " . @stack . "\n" if @stack != 1;
    return $stack[0];
}

chomp(my $line = <STDIN>);
for my $expression ($line, '1 +', '1 0 /', '1 2 3') {
    my $value = eval { evaluate($expression) };
    print "$expression = ", $value // "error: $@", defined $value ? "\n" : '';
}
