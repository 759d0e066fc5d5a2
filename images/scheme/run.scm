;; guile run.scm FILE ARGUMENT...: compiles FILE in memory and runs it, as `guile FILE ARGUMENT...` would.
(set-program-arguments (cdr (program-arguments)))
;; Loads the compiler before the program is looked at.
((@ (system base compile) compile) '(lambda (x) (+ x 1)))
((@ (system base compile) compile-and-load) (car (program-arguments)) #:canonicalization 'none)
