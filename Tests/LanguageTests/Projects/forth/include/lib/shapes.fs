: square ( n -- n ) dup * ;
