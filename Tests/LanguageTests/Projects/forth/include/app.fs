include lib/shapes.fs

: main  8 6 do  ." square of " i 0 .r ." : " i square 0 .r cr  loop ;
main
