#lang racket

(define (evaluate expression environment)
  (match expression
    [(? number? n) n]
    [(? symbol? name) (hash-ref environment name (λ () (error 'evaluate "no value for ~a" name)))]
    [`(if ,test ,yes ,no)
     (evaluate (if (zero? (evaluate test environment)) no yes) environment)]
    [`(fn (,names ...) ,body)
     (λ arguments
       (evaluate body (for/fold ([all environment]) ([n names] [a arguments]) (hash-set all n a))))]
    [`(let ,name ,value ,body)
     (evaluate body (hash-set environment name (evaluate value environment)))]
    [`(,function ,arguments ...)
     (apply (evaluate function environment)
            (map (λ (argument) (evaluate argument environment)) arguments))]))

(define base (hash '+ + '- - '* *))

(for ([program '((+ 1 (* 2 3))
                 (let twice (fn (f x) (f (f x))) (twice (fn (n) (* n n)) 3))
                 (if (- 5 5) 1 2))])
  (printf "~s -> ~a\n" program (evaluate program base)))

(with-handlers ([exn:fail? (λ (e) (displayln (exn-message e)))])
  (evaluate '(+ x 1) base))
