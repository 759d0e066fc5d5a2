use strict;
use warnings;

my $line = qr{
    ^ (?<day> \d{4}-\d\d-\d\d ) \s+
      (?<level> [A-Z]+ ) \s+
      (?<text> .+? ) \s*
      (?: \( (?<ms> \d+ ) \s* ms \) )? $
}x;

my (%count, $time);
while (<DATA>) {
    chomp;
    if (/$line/) {
        $count{ $+{level} }++;
        $time += $+{ms} // 0;
        print "$+{day}: $+{text}\n" if $+{level} eq 'ERROR';
    } else {
        print "line $.: not understood\n";
    }
}
print join(', ', map {"$_ $count{$_}"} sort keys %count), "; $time ms\n";

__DATA__
2024-05-01 INFO started (12 ms)
2024-05-01 WARN slow answer (840 ms)
???
2024-05-02 ERROR disk is full
2024-05-02 INFO stopped (3 ms)
