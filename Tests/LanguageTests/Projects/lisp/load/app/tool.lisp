(load (merge-pathnames "../lib/shapes.lisp" *load-truename*))

(dolist (side (list 6 7)) (format t "square of ~D: ~D~%" side (square side)))
