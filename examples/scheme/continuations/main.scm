(define (find-first wanted? list)
  (call-with-current-continuation
    (lambda (return)
      (for-each (lambda (item) (if (wanted? item) (return item))) list)
      #f)))

(display (find-first even? '(3 5 8 9 10))) (newline)
(display (find-first even? '(1 3 5))) (newline)

;; Walks a tree, and hands out one leaf at each call.
(define (leaves tree)
  (define return #f)
  (define (walk tree)
    (cond ((pair? tree) (walk (car tree)) (walk (cdr tree)))
          ((not (null? tree))
           (call-with-current-continuation
             (lambda (next)
               (set! resume (lambda () (next #f)))
               (return tree))))))
  (define resume (lambda () (walk tree) (return 'end)))
  (lambda ()
    (call-with-current-continuation
      (lambda (back)
        (set! return back)
        (resume)))))

(define next (leaves '((1 2) (3 (4)))))
(let loop ((leaf (next)))
  (display leaf) (newline)
  (if (not (eq? leaf 'end)) (loop (next))))
