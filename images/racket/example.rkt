#lang racket
;; What common programs use. It is not compiled when the root is made: that it is now is the point.
(struct item (name values) #:transparent)

(define (largest . numbers) (for/fold ([most (first numbers)]) ([n (rest numbers)]) (max most n)))

(define/contract (describe x)
  (-> any/c string?)
  (match x
    [(item name (list head _ ...)) #:when (positive? head) (format "~a: ~a" name head)]
    [_ (error "no")]))

(define-syntax-rule (unless-zero n body ...) (if (zero? n) (void) (begin body ...)))

(module+ main
  (define counts (make-hash))
  (let loop ([words (string-split "a b a")])
    (unless (null? words)
      (hash-update! counts (car words) add1 0)
      (loop (cdr words))))
  (define text
    (with-output-to-string
      (lambda ()
        (displayln (sort (hash-keys counts) string<?))
        (printf "~a ~s\n" (largest 1 2) (describe (item "a" '(1 2))))
        (for ([i (in-range 2)] [v (in-vector #(1 2))]) (unless-zero i (println v)))
        (with-handlers ([exn:fail? (lambda (e) (display (exn-message e)))]) (describe 1)))))
  (define port (open-input-string text))
  (void (read-line port) (string-length text) (for/list ([line (in-lines port)]) line)))
