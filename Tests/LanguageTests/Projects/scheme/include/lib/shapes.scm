(define (square side) (* side side))
