package Shapes;
use strict;
use warnings;
use Exporter "import";
our @EXPORT_OK = ("square");

sub square { return $_[0]**2 }

1;
