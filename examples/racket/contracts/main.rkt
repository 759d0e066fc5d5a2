#lang racket

(define/contract (root n)
  (->i ([n (and/c real? (>=/c 0))])
       [result (n) (λ (r) (< (abs (- (* r r) n)) 1e-6))])
  (sqrt n))

(define/contract (average numbers)
  (-> (non-empty-listof real?) real?)
  (/ (apply + numbers) (length numbers)))

(displayln (root 2.25))
(displayln (average '(3 4 8)))

(for ([wrong (list (λ () (root -1)) (λ () (average '())))])
  (with-handlers ([exn:fail:contract:blame?
                   (λ (e) (displayln (first (string-split (exn-message e) "\n"))))])
    (wrong)))
