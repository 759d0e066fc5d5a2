#lang racket/base
(require "../lib/shapes.rkt")

(for ([side (list 6 7)]) (printf "square of ~a: ~a\n" side (square side)))
