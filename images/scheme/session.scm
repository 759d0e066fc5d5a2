;;; The driver of a live session for Scheme (Guile). docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101.
;;; A thread reads them, so that questions are answered while a cell runs; cells run in the main thread, form by form, in the current module, as
;;; at Guile's REPL. A cell's result is the values of its last form. What an evaluator does as fast as a compiler is evaluated: code that was
;;; compiled is never given back.
(define-module (nestbox session)
  #:use-module (ice-9 binary-ports) #:use-module (ice-9 threads) #:use-module (ice-9 match) #:use-module (ice-9 exceptions) #:use-module (ice-9 session)
  #:use-module (rnrs bytevectors) #:use-module (srfi srfi-1) #:use-module (system base compile) #:use-module ((system vm loader) #:select (load-thunk-from-memory)) #:use-module (system vm frame)
  #:use-module ((system vm program) #:select (source:file source:line source:column)) #:use-module ((system vm vm) #:select (call-with-stack-overflow-handler))
  #:use-module ((ice-9 format) #:select (format)))
(false-if-exception (delete-file "session.scm")) ; Nobody needs it any more, and a cell should find its folder empty.

(define record-limit (ash 1 20))
(define text-limit (ash 64 10))
(define row-limit 200)
(define main-thread (current-thread))
(define owner (getpid)) ; Whoever has another pid is a cell's child: it never answers.
(define in (fdopen 100 "rb"))
(define out (fdopen 101 "wb"))
(define (inodes) (map (lambda (number) (false-if-exception (stat:ino (stat (string-append "/proc/self/fd/" (number->string number)))))) '(100 101)))
(define channel (inodes))
(define sending (make-mutex))
(define gate (make-mutex))
(define more (make-condition-variable))
(define queue '())
(define running #f)
(define asked #f)
(define tag (make-prompt-tag "cell"))
(define space (resolve-module '(guile-user))) ; Where cells are evaluated, for questions.
(define initial (make-hash-table))

(define (lost reason)
  (when (= (getpid) owner)
    (false-if-exception (begin (format (current-error-port) "session: ~a\n" reason) (force-output (current-error-port)))))
  (primitive-_exit 70))

;;; JSON

(define plain (char-set-complement (char-set-union (char-set #\" #\\) (ucs-range->char-set 0 32))))

;; A text as JSON, of at most so many bytes, by whole characters.
(define* (quoted text #:optional (limit record-limit))
  (let ((text (let loop ((place 0) (size 0))
                (if (= place (string-length text)) text
                    (let* ((code (char->integer (string-ref text place))) (size (+ size (cond ((< code #x80) 1) ((< code #x800) 2) ((< code #x10000) 3) (else 4)))))
                      (if (> size limit) (substring text 0 place) (loop (+ place 1) size)))))))
    (call-with-output-string
      (lambda (port)
        (display #\" port)
        (let loop ((place 0))
          (let ((stop (or (string-skip text plain place) (string-length text))))
            (display (substring text place stop) port)
            (when (< stop (string-length text))
              (let ((c (string-ref text stop)))
                (case c
                  ((#\" #\\) (display #\\ port) (display c port))
                  ((#\newline) (display "\\n" port))
                  (else (display (string-append "\\u" (string-pad (number->string (char->integer c) 16) 4 #\0)) port))))
              (loop (+ stop 1)))))
        (display #\" port)))))

(define (object . fields)
  (string-append "{" (string-join (let loop ((fields fields)) (match fields (() '()) ((name value . rest) (cons (string-append (quoted name) ":" value) (loop rest))))) ",") "}"))
(define (array items) (string-append "[" (string-join items ",") "]"))

;; A command: an object of strings, numbers and words, as an association list.
(define (decode text)
  (define special (char-set #\" #\\))
  (define (hex place) (string->number (substring text place (+ place 4)) 16))
  (define (string-at place) ; The text and the place behind it.
    (let loop ((place (+ place 1)) (parts '()))
      (let* ((stop (string-index text special place)) (parts (cons (substring text place stop) parts)))
        (if (char=? (string-ref text stop) #\")
            (values (string-concatenate-reverse parts) (+ stop 1))
            (let ((c (string-ref text (+ stop 1))))
              (if (char=? c #\u)
                  (let* ((code (hex (+ stop 2))) (pair? (and (<= #xd800 code #xdbff) (< (+ stop 11) (string-length text)) (string=? "\\u" (substring text (+ stop 6) (+ stop 8)))))
                         (code (if pair? (+ #x10000 (ash (logand code 1023) 10) (logand (hex (+ stop 8)) 1023)) code)))
                    (loop (+ stop (if pair? 12 6)) (cons (string (integer->char (if (<= #xd800 code #xdfff) #xfffd code))) parts)))
                  (loop (+ stop 2) (cons (string (case c ((#\n) #\newline) ((#\t) #\tab) ((#\r) #\return) ((#\b) #\backspace) ((#\f) #\page) (else c))) parts))))))))
  (let loop ((place 0) (fields '()))
    (let ((start (string-index text (char-set #\" #\}) place)))
      (if (char=? (string-ref text start) #\})
          fields
          (call-with-values (lambda () (string-at start))
            (lambda (name place)
              (let ((start (string-skip text (char-set #\space #\:) place)))
                (if (char=? (string-ref text start) #\")
                    (call-with-values (lambda () (string-at start)) (lambda (value place) (loop place (acons name value fields))))
                    (let ((stop (string-index text (char-set #\, #\} #\space) start))) (loop stop (acons name (substring text start stop) fields)))))))))))

(define (field record name) (or (assoc-ref record name) ""))

;;; The channel

(define (send . fields)
  (when (= (getpid) owner)
    (let* ((data (string->utf8 (apply object fields))) (size (bytevector-length data)) (head (make-bytevector 4)))
      (when (> size record-limit) (error "record too large"))
      (bytevector-u32-set! head 0 size (endianness big))
      (call-with-blocked-asyncs
       (lambda ()
         (catch 'system-error
           (lambda () (with-mutex sending (put-bytevector out head) (put-bytevector out data) (force-output out)))
           (lambda _ (lost "channel: cannot be written"))))))))

(define (exactly size)
  (let ((data (get-bytevector-n in size)))
    (if (or (eof-object? data) (< (bytevector-length data) size)) (primitive-_exit 0) data))) ; The service is gone or has closed the session.

(define (receive)
  (let ((size (bytevector-u32-ref (exactly 4) 0 (endianness big))))
    (when (> size record-limit) (lost "channel: record too large"))
    (decode (utf8->string (exactly size)))))

(define (read-channel)
  (let* ((record (receive)) (type (field record "type")) (id (field record "id")))
    (cond ((string=? type "execute") (with-mutex gate (set! queue (append queue (list record))) (signal-condition-variable more)))
          ((string=? type "interrupt") ; Only the cell it was sent for.
           (when (equal? id running)
             (set! asked id)
             (system-async-mark (lambda () (when (equal? id running) (abort-to-prompt tag 'interrupted #f))) main-thread)))
          (else (apply send "type" "\"answer\"" "id" (quoted id)
                       (catch #t (lambda () (answer type record)) (lambda (key . arguments) (list "error" (quoted (format #f "~a ~s" key arguments) 500))))))))
  (read-channel))

;;; Standard input: what was written before a read is seen before it, and a read that waits can be interrupted.

(define console
  (let* ((input (current-input-port))
         (port (make-custom-binary-input-port "standard input"
                 (lambda (buffer start count)
                   (force-output (current-output-port))
                   (let wait () (unless (catch 'system-error (lambda () (select '(0) '() '()) #t) (lambda _ #f)) (wait)))
                   (let ((read (get-bytevector-some! input buffer start count))) (if (eof-object? read) 0 read)))
                 #f #f #f)))
    (setvbuf input 'none)
    (set-port-encoding! port "UTF-8")
    (set-port-conversion-strategy! port 'substitute)
    port))

;; A SIGINT that was not for the cell, or that comes before its `interrupt` is read, does not end them.
(define %sleep sleep)
(define %usleep usleep)
(set! (@@ (guile) sleep) (lambda (seconds) (let again ((left seconds)) (let ((left (%sleep left))) (if (> left 0) (again left) 0)))))
(set! (@@ (guile) usleep) (lambda (microseconds) (let again ((left microseconds)) (let ((left (%usleep left))) (if (> left 0) (again left) 0)))))

;;; Printing no more than is shown

(define (printed value limit print)
  (let* ((parts '()) (left (* 4 limit)) (full (make-prompt-tag "full"))
         (port (make-custom-binary-output-port "text"
                 (lambda (buffer start count)
                   (let ((part (make-bytevector count))) (bytevector-copy! buffer start part 0 count) (set! parts (cons part parts)))
                   (set! left (- left count))
                   (if (negative? left) (abort-to-prompt full) count))
                 #f #f #f)))
    (set-port-encoding! port "UTF-8")
    (call-with-prompt full (lambda () (print value port) (force-output port)) (lambda (k) #f))
    (bytevector->text (reverse parts))))

(define (bytevector->text parts)
  (let* ((size (apply + (map bytevector-length parts))) (all (make-bytevector size)))
    (fold (lambda (part place) (bytevector-copy! part 0 all place (bytevector-length part)) (+ place (bytevector-length part))) 0 parts)
    (let cut ((size size)) ; A character may be cut.
      (or (false-if-exception (utf8->string (let ((some (make-bytevector size))) (bytevector-copy! all 0 some 0 size) some))) (if (zero? size) "" (cut (- size 1)))))))

;; A value as JSON, if it is that as it stands; otherwise #f.
(define (json value)
  (define budget 20000)
  (let encode ((value value) (depth 0))
    (set! budget (- budget 1))
    (and (positive? budget) (< depth 32)
         (cond ((boolean? value) (if value "true" "false"))
               ((and (exact-integer? value) (< (abs value) (ash 1 53))) (number->string value))
               ((and (real? value) (inexact? value) (finite? value)) (let ((text (number->string value))) (and (not (string-index text #\e)) (number->string (if (integer? value) (inexact->exact value) value)))))
               ((string? value) (and (< (string-length value) text-limit) (quoted value)))
               ((or (vector? value) (list? value))
                (let ((items (map (lambda (item) (encode item (+ depth 1))) (if (vector? value) (vector->list value) value)))) (and (every identity items) (array items))))
               (else #f)))))

;;; Cells

;; Whether it only calls procedures and assigns.
(define (simple? form)
  (match form
    (('quote _) #t)
    (((or 'define 'set!) (? symbol?) value) (simple? value))
    (((? symbol? name) . (? list? arguments))
     (let ((variable (module-variable (current-module) name)))
       (and variable (variable-bound? variable) (procedure? (variable-ref variable)) (every simple? arguments))))
    ((_ . _) #f)
    (_ #t)))

(define (evaluate form)
  (if (simple? form) (primitive-eval form) ((load-thunk-from-memory (compile form #:env (current-module) #:to 'bytecode #:optimization-level 1 #:warning-level 0)))))

(define (run code name)
  (let ((port (open-input-string code)))
    (set-port-filename! port name)
    (let loop ((values-so-far '()))
      (let ((form (read port)))
        (if (eof-object? form)
            values-so-far
            (loop (call-with-values (lambda () (evaluate form)) list)))))))

(define (frames stack)
  (define (source frame) (let ((source (frame-source frame))) (and source (let ((file (source:file source))) (and (string? file) file)))))
  (let loop ((index 0) (lines '()) (seen #f))
    (if (or (>= index (stack-length stack)) (> (length lines) 198))
        (remove (lambda (line) (or (string-contains line "session.scm") (string-contains line " at system/base/") (string-contains line " at language/"))) (reverse lines))
        (let* ((frame (stack-ref stack index)) (file (source frame)) (where (frame-source frame)) (name (frame-procedure-name frame)))
          (cond ((and file (string-contains file "session.scm")) (if seen (loop (stack-length stack) lines seen) (loop (+ index 1) '() seen)))
                ((and file (or (string-contains file "boot-9") (string-contains file "ice-9/eval") (string-contains file "exceptions"))) (loop (+ index 1) lines seen))
                ((or (not (or name file)) (memq name '(raise-exception throw scm-error make-stack eval primitive-eval save-compiled-env))) (loop (+ index 1) lines seen))
                (else
                 (loop (+ index 1)
                       (cons (string-append (let ((call (frame-call-representation frame))) (format #f "(~a~{ ~a~})" (car call) (map short (list-head (cdr call) (min 8 (length (cdr call)))))))
                                            (if file (format #f " at ~a:~a:~a" file (+ 1 (source:line where)) (source:column where)) ""))
                             lines)
                       #t)))))))

(define (told exception)
  (let* ((key (if (exception? exception) (exception-kind exception) '%exception)) (arguments (if (exception? exception) (exception-args exception) (list exception))))
    (values (if (eq? key '%exception)
                (if (exception? exception) (symbol->string (record-type-name (record-type-descriptor (car (simple-exceptions exception))))) "raise")
                (symbol->string key))
            (catch #t
              (lambda ()
                (if (exception? exception)
                    (let* ((text (printed #f 8000 (lambda (_ port) (print-exception port #f key arguments)))) (text (if (string-prefix? "ERROR: " text) (substring text 7) text)))
                      (string-trim-both text))
                    (printed exception 8000 write)))
              (lambda _ "the error cannot be printed")))))

(define (failed id exception lines)
  (call-with-values (lambda () (told exception))
    (lambda (name message)
      (send "type" "\"error\"" "id" (quoted id) "exception" (quoted name 200) "message" (quoted message 8000)
            "traceback" (array (map (lambda (line) (quoted line 600)) (append (string-split message #\newline) lines)))))))

(define (report id results)
  (let* ((text (string-join (map (lambda (value) (printed value (+ 1 text-limit) write)) results) "\n")) (value (and (null? (cdr results)) (json (car results))))
         (size (bytevector-length (string->utf8 text))))
    (apply send "type" "\"result\"" "id" (quoted id) "repr" (quoted text text-limit) "truncated" (if (> size text-limit) "true" "false")
           (if (and value (< (string-length value) text-limit)) (list "value" value) '()))))

(define (flush)
  (false-if-exception (force-output (current-output-port)))
  (false-if-exception (force-output (current-error-port))))

(define (done id status)
  (set! running #f)
  (set! space (current-module))
  (flush)
  (unless (= (getpid) owner) (primitive-_exit (if (string=? status "ok") 0 1))) ; A child that the cell forked is at its end.
  (unless (equal? (inodes) channel) (lost "channel: the cell has closed or replaced descriptors 100 and 101"))
  (send "type" "\"done\"" "id" (quoted id) "status" (quoted status)))

(define (exit-status exception)
  (match (exception-args exception) (() 0) ((#t . _) 0) ((#f . _) 1) (((? integer? code) . _) (logand code 255)) (_ 0)))

;; Runs it; an error that nothing in it handles becomes what `prompt` is given.
(define (guarded id thunk)
  (call-with-prompt tag
    (lambda ()
      (call-with-stack-overflow-handler 6000000 ; words
        (lambda ()
          (with-exception-handler
            (lambda (exception)
              (abort-to-prompt tag exception (if (and (exception? exception) (memq (exception-kind exception) '(quit stack-overflow))) '() (catch #t (lambda () (frames (make-stack #t))) (lambda _ '())))))
            thunk #:unwind? #f))
        (lambda () (scm-error 'stack-overflow #f "the stack is too deep" '() #f)))
      (values #f '()))
    (lambda (k exception lines) (values exception lines))))

(define (execute record)
  (let ((id (field record "id")))
    (set! asked #f)
    (set! running id)
    (call-with-values
        (lambda ()
          (guarded id (lambda ()
                        (let ((results (run (field record "code") (string-append "cell " id))))
                          (unless (or (every unspecified? results) (string=? (field record "silent") "true")) (report id results))))))
      (lambda (exception lines)
        (let ((quits (and (exception? exception) (eq? (exception-kind exception) 'quit))))
          (cond ((or (eq? exception 'interrupted) (and exception (equal? asked id)))
                 (set! running #f)
                 (send "type" "\"error\"" "id" (quoted id) "exception" "\"Interrupted\"" "message" "\"the cell was interrupted\"" "traceback" "[]")
                 (done id "interrupted"))
                (quits (done id "ok") (primitive-exit (exit-status exception)))
                (exception (call-with-values (lambda () (guarded id (lambda () (failed id exception lines)))) (lambda _ #t)) (done id "error"))
                (else (done id "ok"))))))))

;;; Questions: nothing foreign runs, so that only values of built-in types are printed.

(define* (short value #:optional (depth 0))
  (cond ((or (number? value) (boolean? value) (char? value) (symbol? value) (keyword? value) (null? value)) (printed value 100 write))
        ((string? value) (format #f "~s" (if (> (string-length value) 150) (substring value 0 150) value)))
        ((pair? value)
         (if (> depth 1) "(…)"
             (let loop ((rest value) (count 0) (parts '()))
               (cond ((and (pair? rest) (< count 10)) (loop (cdr rest) (+ count 1) (cons (short (car rest) (+ depth 1)) parts)))
                     (else (string-append "(" (string-join (reverse parts) " ") (cond ((null? rest) "") ((pair? rest) " …") (else (string-append " . " (short rest 2)))) ")"))))))
        ((vector? value) (if (> depth 1) "#(…)" (string-append "#" (short (vector->list (if (> (vector-length value) 11) (make-shared-array value list 11) value)) depth))))
        ((procedure? value) (format #f "#<procedure ~a>" (or (procedure-name value) "")))
        (else (format #f "#<~a>" (type-of value)))))

(define (type-of value)
  (cond ((exact-integer? value) "integer") ((number? value) "number") ((boolean? value) "boolean") ((string? value) "string") ((symbol? value) "symbol") ((pair? value) "pair") ((null? value) "null")
        ((vector? value) "vector") ((procedure? value) "procedure") ((char? value) "char") ((hash-table? value) "hash-table") ((port? value) "port")
        ((record? value) (symbol->string (record-type-name (record-type-descriptor value)))) ((bytevector? value) "bytevector") (else "object")))

(define (kind variable)
  (and (variable-bound? variable)
       (let ((value (variable-ref variable))) (cond ((macro? value) "macro") ((procedure? value) "function") (else "instance")))))

(define (upto record) (let ((code (field record "code"))) (substring code 0 (min (string-length code) (string->number (field record "cursor"))))))
(define breaks (string->char-set "()[]'\"`,; \n\t#"))
(define (token text) (let ((place (string-rindex text breaks))) (if place (substring text (+ place 1)) text)))

(define (complete record)
  (let* ((before (upto record)) (prefix (token before)) (found (make-hash-table)) (cursor (string-length before)))
    (define (look name variable)
      (let ((text (symbol->string name))) (when (and (string-prefix? prefix text) (kind variable)) (hash-set! found text (kind variable)))))
    (module-for-each look space)
    (for-each (lambda (module) (module-for-each look module)) (module-uses space))
    (let ((names (sort (hash-map->list (lambda (name kind) name) found) string<?)))
      (list "matches" (array (map (lambda (name) (object "text" (quoted name 400) "type" (quoted (hash-ref found name)))) (list-head names (min row-limit (length names)))))
            "start" (number->string (- cursor (string-length prefix))) "end" (number->string cursor)))))

(define (inspected record)
  (let* ((code (field record "code")) (before (string-trim-right (upto record) #\()) (after (substring code (min (string-length code) (string-length before))))
         (name (string-append (token before) (substring after 0 (or (string-index after breaks) (string-length after)))))
         (variable (and (not (string-null? name)) (module-variable space (string->symbol name)))))
    (if (not (and variable (variable-bound? variable)))
        (list "found" "false" "data" "{}")
        (let ((value (variable-ref variable)))
          (list "found" "true" "data"
                (object "text/plain"
                        (quoted (string-append name ": " (kind variable)
                                  (cond ((macro? value) "")
                                        ((procedure? value)
                                         (let ((arguments (false-if-exception (procedure-arguments value))))
                                           (string-append
                                            (if arguments (format #f "\n(~a~{ ~a~}~{ [~a]~}~@[ . ~a~])" name (or (assq-ref arguments 'required) '()) (or (assq-ref arguments 'optional) '()) (assq-ref arguments 'rest)) "")
                                            (let ((text (procedure-documentation value))) (if (string? text) (string-append "\n" text) "")))))
                                        (else (string-append " = " (short value)))))
                                60000)))))))

(define (is-complete record)
  (let ((port (open-input-string (field record "code"))))
    (catch #t
      (lambda () (let loop () (if (eof-object? (read port)) (list "status" "\"complete\"") (loop))))
      (lambda (key . arguments)
        (let ((text (format #f "~s" arguments)))
          (if (or (string-contains text "end of input") (string-contains text "end of file") (string-contains text "EOF"))
              (list "status" "\"incomplete\"" "indent" "\"  \"")
              (list "status" "\"invalid\"")))))))

(define (variables)
  (let* ((found (filter (lambda (pair) (and (not (hashq-ref initial (cdr pair))) (member (kind (cdr pair)) '("function" "instance")))) (module-map cons space)))
         (found (sort found (lambda (a b) (string<? (symbol->string (car a)) (symbol->string (car b)))))))
    (list "variables"
          (array (map (lambda (pair)
                        (let ((value (variable-ref (cdr pair))))
                          (object "name" (quoted (symbol->string (car pair)) 200) "type" (quoted (type-of value) 200) "repr" (quoted (short value) 200)
                                  "size" (number->string (cond ((string? value) (string-length value)) ((list? value) (length value)) ((vector? value) (vector-length value)) (else 0))))))
                      (list-head found (min row-limit (length found))))))))

(define (answer type record)
  (cond ((string=? type "complete") (complete record))
        ((string=? type "inspect") (inspected record))
        ((string=? type "is_complete") (is-complete record))
        ((string=? type "variables") (variables))
        (else (list "error" "\"unknown type\""))))

(for-each (lambda (number) (fcntl number F_SETFD FD_CLOEXEC)) '(100 101)) ; Programs that cells start have no business with them.
(sigaction SIGINT (lambda (signal) #f)) ; Interrupts are what the channel says.
(set-current-input-port console)
(set-program-arguments '("cell"))
(module-for-each (lambda (name variable) (hashq-set! initial variable #t)) space)
(send "type" "\"ready\"" "protocol" "1" "language" "\"scheme\"" "version" (quoted (version)) "features" "[\"complete\",\"inspect\",\"is_complete\",\"variables\",\"concurrent\",\"interrupt\"]")
(call-with-new-thread read-channel)

(define (next)
  (with-mutex gate
    (let wait () (when (null? queue) (wait-condition-variable more gate) (wait)))
    (let ((record (car queue))) (set! queue (cdr queue)) record)))

(define (main)
  (set-current-module space)
  (let loop () (execute (next)) (loop)))

(main)
