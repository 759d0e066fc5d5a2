# Press Run, or Ctrl and Enter.
use strict;
use warnings;

my $number = 1;
for my $colour (qw(red green blue)) {
    print $number++, ". Hello, $colour world!\n";
}
