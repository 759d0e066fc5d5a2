#lang racket/base
(provide square)

(define (square side) (* side side))
