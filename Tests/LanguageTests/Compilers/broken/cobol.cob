identification division.
program-id. main.
procedure division.
    display answer
    stop run.
