identification division.
program-id. squares.
data division.
working-storage section.
01 side pic 9.
01 area-of pic 99.
procedure division.
    perform varying side from 6 by 1 until side > 7
        call "square" using side area-of
        display "square of " side ": " area-of
    end-perform.
    stop run.
