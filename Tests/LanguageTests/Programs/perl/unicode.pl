use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use Encode qw(encode);

my $same = "Grüße, мир! Ωμέγα 日本語 🦆";

chomp(my $line = <STDIN>);
print "$line\n";
print length($line), "\n";
print length(encode('UTF-8', $line)), "\n";
print scalar(reverse $line), "\n";
print $line eq $same ? "same\n" : "different\n";
