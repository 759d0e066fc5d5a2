(defmacro while (condition &body body)
  `(loop (unless ,condition (return)) ,@body))

;; The value is computed once, so it needs a variable with a name of its own.
(defmacro repeat ((name count) &body body)
  (let ((limit (gensym)))
    `(let ((,limit ,count))
       (do ((,name 1 (1+ ,name))) ((> ,name ,limit)) ,@body))))

(let ((n 100))
  (while (> n 1)
    (format t "~a " n)
    (setf n (floor n 3)))
  (terpri))

(repeat (i (+ 1 2))
  (format t "~a squared is ~a~%" i (* i i)))

(print (macroexpand-1 '(while (ready) (work))))
(terpri)
