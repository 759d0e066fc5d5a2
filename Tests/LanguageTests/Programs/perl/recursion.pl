use strict;
use warnings;
no warnings 'recursion';

sub total {
    my ($number) = @_;
    return $number ? $number + total($number - 1) : 0;
}

print total(5000), "\n";
