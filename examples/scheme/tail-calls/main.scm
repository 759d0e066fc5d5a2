(define (sum-to n)
  (let loop ((i 1) (sum 0))
    (if (> i n)
        sum
        (loop (+ i 1) (+ sum i)))))

(define (compose . functions)
  (lambda (value)
    (let loop ((rest (reverse functions)) (value value))
      (if (null? rest)
          value
          (loop (cdr rest) ((car rest) value))))))

(display (sum-to 1000000)) (newline)
(display (map (lambda (n) (* n n)) '(1 2 3 4 5))) (newline)
(display ((compose (lambda (n) (* n 2)) (lambda (n) (+ n 1))) 20)) (newline)
