identification division.
program-id. square.
data division.
linkage section.
01 side pic 9.
01 area-of pic 99.
procedure division using side area-of.
    multiply side by side giving area-of.
    goback.
