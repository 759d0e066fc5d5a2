use strict;
use warnings;

$| = 1;    # show questions at once
print "What is your name? ";
chomp(my $name = <STDIN>);
print "And a number? ";
chomp(my $number = <STDIN>);
printf "Hello, %s! %d times 7 is %d.\n", $name, $number, $number * 7;
