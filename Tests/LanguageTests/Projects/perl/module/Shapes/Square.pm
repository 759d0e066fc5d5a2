package Shapes::Square;
use strict;
use warnings;
use Exporter "import";
our @EXPORT_OK = qw(area);

sub area {
    my ($side) = @_;
    return $side * $side;
}

1;
