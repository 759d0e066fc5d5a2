use strict;
use warnings;
use autodie;

open my $output, '>', 'lines.txt';
print $output "line $_\n" for 1 .. 1000;
close $output;

open my $input, '<', 'lines.txt';
my $count = () = <$input>;
close $input;
print "$count\n";
