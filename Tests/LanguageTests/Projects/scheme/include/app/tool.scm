(include "../lib/shapes.scm")

(for-each (lambda (side) (format #t "square of ~a: ~a\n" side (square side))) (list 6 7))
