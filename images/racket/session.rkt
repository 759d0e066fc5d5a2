#lang racket/base
;; The driver of a live session for Racket. docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101.
;; Cells run in one thread, the evaluator, form by form at the top level of `racket`; another one reads the channel, so that questions are
;; answered while a cell runs. Racket breaks its main thread at SIGINT: that one only waits. A cell's result is the values of its last form.
(require ffi/unsafe/port json racket/list racket/string racket/port)
(with-handlers ([void void]) (delete-file "session.rkt")) ; Nobody needs it any more, and a cell should find its folder empty.

(define record-limit (expt 2 20))
(define text-limit (expt 2 16))
(define row-limit 200)
(define in (unsafe-file-descriptor->port 100 'commands '(read)))
(define out (unsafe-file-descriptor->port 101 'records '(write)))
(define sending (make-semaphore 1))
(define queue '())
(define queued (make-semaphore 0))
(define running #f)
(define asked #f)
(define-namespace-anchor here)
(define space (namespace-anchor->empty-namespace here)) ; Shares what is loaded already.
(parameterize ([current-namespace space]) (namespace-require 'racket))
(define leave (exit-handler))

(define (lost reason)
  (eprintf "session: ~a\n" reason)
  (leave 70))

;; --- The channel

;; At most so many bytes, by whole characters.
(define (cut text limit)
  (if (<= (string-utf-8-length text) limit)
      text
      (let loop ([place 0] [size 0])
        (define next (+ size (char-utf-8-length (string-ref text place))))
        (if (> next limit) (substring text 0 place) (loop (add1 place) next)))))

(define (send record)
  (define data (string->bytes/utf-8 (jsexpr->string record)))
  (when (> (bytes-length data) record-limit) (error "record too large"))
  (parameterize-break #f
    (call-with-semaphore sending
      (lambda ()
        (with-handlers ([exn:fail? (lambda (problem) (lost "channel: cannot be written"))])
          (write-bytes (integer->integer-bytes (bytes-length data) 4 #f #t) out)
          (write-bytes data out)
          (flush-output out))))))

(define (exactly size)
  (define data (read-bytes size in))
  (if (or (eof-object? data) (< (bytes-length data) size)) (leave 0) data)) ; The service is gone or has closed the session.

(define (receive)
  (define size (integer-bytes->integer (exactly 4) #f #t))
  (when (> size record-limit) (lost "channel: record too large"))
  (string->jsexpr (bytes->string/utf-8 (exactly size) #\uFFFD)))

(define (read-channel)
  (define record (receive))
  (define id (hash-ref record 'id ""))
  (case (hash-ref record 'type "")
    [("execute") (set! queue (append queue (list record))) (semaphore-post queued)]
    [("interrupt") (interrupt id)]
    [else
     (send (hash-set* (with-handlers ([exn:fail? (lambda (problem) (hasheq 'error (cut (exn-message problem) 500)))]) (answer (hash-ref record 'type "") record))
                      'type "answer" 'id id))])
  (read-channel))

;; Only the cell it was sent for. A cell that catches the break loses its thread; what it has defined stays.
(define (interrupt id)
  (when (equal? id running)
    (set! asked id)
    (break-thread evaluator)
    (void (thread (lambda ()
                    (sleep 0.5)
                    (when (equal? id running)
                      (kill-thread evaluator)
                      (done id (told-interrupt id))
                      (start)))))))

;; --- Printing no more than is shown

(define (printed value limit [show print])
  (define text (open-output-bytes))
  (let/ec full
    (define port
      (make-output-port 'text always-evt
                        (lambda (bytes start end buffered? breakable?)
                          (write-bytes bytes text start end)
                          (when (> (file-position text) (* 4 limit)) (full (void)))
                          (- end start))
                        void))
    (show value port))
  (bytes->string/utf-8 (get-output-bytes text) #\?))

;; A value as JSON, if it is that as it stands; otherwise #f is returned, in a box if it is one.
(define (json value)
  (define budget 20000)
  (let/ec no
    (box (let encode ([value value] [depth 0])
           (set! budget (sub1 budget))
           (when (or (< budget 0) (> depth 32)) (no #f))
           (cond [(or (boolean? value) (and (fixnum? value) (< (abs value) (expt 2 53)))) value]
                 [(and (flonum? value) (< -inf.0 value +inf.0)) value]
                 [(and (string? value) (< (string-length value) text-limit)) (string->immutable-string value)]
                 [(list? value) (map (lambda (item) (encode item (add1 depth))) value)]
                 [(vector? value) (map (lambda (item) (encode item (add1 depth))) (vector->list value))]
                 [(and (hash? value) (not (impersonator? value)) (<= (hash-count value) 2000))
                  (for/hasheq ([(key item) (in-hash value)])
                    (values (cond [(string? key) (string->symbol key)] [(symbol? key) key] [else (no #f)]) (encode item (add1 depth))))]
                 [else (no #f)])))))

;; --- Cells

(define (language code)
  (define found (regexp-match #px"^(?:\\s|;[^\n]*\n)*#lang[ ]+(\\S+)" code))
  (and found (cadr found)))

;; The forms of a cell. A module's body in `racket` counts as if it were written here; its submodule `main` comes last.
(define (forms code name)
  (define plain (regexp-replace #px"^((?:\\s|;[^\n]*\n)*)#lang[ ]+racket(?:/base)?" code "\\1"))
  (define port (open-input-string plain))
  (port-count-lines! port)
  (define all (let loop () (define form (read-syntax name port)) (if (eof-object? form) '() (cons form (loop)))))
  (define (submodule form) (let ([parts (syntax-e form)]) (and (pair? parts) (identifier? (car parts)) (eq? (syntax-e (car parts)) 'module+) (syntax->list form))))
  (define-values (submodules others) (partition submodule all))
  (append others (append* (for/list ([form submodules]) (define parts (submodule form)) (if (and (pair? (cdr parts)) (eq? (syntax-e (cadr parts)) 'main)) (cddr parts) '())))))

(define (run code id)
  (define name (string-append "cell " id))
  (cond [(member (language code) '(#f "racket" "racket/base"))
         (for/fold ([results '()]) ([form (parameterize ([read-accept-lang #f] [read-accept-reader #t]) (forms code name))])
           (call-with-values (lambda () (call-with-continuation-prompt (lambda () (eval form)) (default-continuation-prompt-tag) (lambda (thunk) (thunk)))) list))]
        [else ; A module in another language: declared, run, and what it provides is there.
         (define module (string->symbol (string-append "cell-" id)))
         (define port (open-input-string code))
         (port-count-lines! port)
         (define form (parameterize ([read-accept-reader #t] [read-accept-lang #t]) (read-syntax name port)))
         (parameterize ([current-module-declare-name (make-resolved-module-path module)]) (eval form))
         (namespace-require (list 'quote module))
         '()]))

(define (report id results)
  (define text (string-join (for/list ([value results]) (printed value (add1 text-limit))) "\n"))
  (define value (and (null? (cdr results)) (json (car results))))
  (define encoded (and value (jsexpr->string (unbox value))))
  (define record (hasheq 'type "result" 'id id 'repr (cut text text-limit) 'truncated (> (string-utf-8-length text) text-limit)))
  (send (if (and encoded (< (string-utf-8-length encoded) text-limit)) (hash-set record 'value (unbox value)) record)))

(define (exception-name problem)
  (define name (let ([name (and (exn? problem) (vector-ref (struct->vector problem) 0))]) (and name (symbol->string name))))
  (if name (regexp-replace #rx"^struct:" name "") "raise"))

(define (frames problem)
  (define context (if (exn? problem) (continuation-mark-set->context (exn-continuation-marks problem)) '()))
  (define (source frame) (and (cdr frame) (let ([source (srcloc-source (cdr frame))]) (if (path? source) (path->string source) (format "~a" source)))))
  (define kept
    (let loop ([context context])
      (cond [(null? context) '()]
            [(let ([source (source (car context))]) (and source (regexp-match? #rx"session[.]rkt" source))) '()]
            [(let ([source (source (car context))]) (and source (regexp-match? #rx"^(?:/usr/share/racket/collects/racket/private|collects)" source))) (loop (cdr context))]
            [(memq (car (car context)) '(eval-one-top call-with-continuation-prompt call-in-empty-metacontinuation-frame loop thunk)) (loop (cdr context))]
            [else (cons (car context) (loop (cdr context)))])))
  (for/list ([frame kept] [_ 198])
    (define place (cdr frame))
    (cut (format "~a~a" (or (car frame) "...") (if place (format " at ~a:~a:~a" (source frame) (srcloc-line place) (srcloc-column place)) "")) 600)))

(define (failed id problem)
  (define message
    (with-handlers ([(lambda (problem) (not (exn:break? problem))) (lambda (_) "the error cannot be printed")])
      (cut (if (exn? problem) (let ([text (exn-message problem)]) (if (string? text) text "")) (printed problem 8000)) 8000)))
  (send (hasheq 'type "error" 'id id 'exception (cut (exception-name problem) 200) 'message message
                'traceback (append (for/list ([line (string-split message "\n")] [_ 100]) (cut line 600)) (frames problem)))))

(define (told-interrupt id)
  (send (hasheq 'type "error" 'id id 'exception "Interrupted" 'message "the cell was interrupted" 'traceback '()))
  "interrupted")

(define stdout (current-output-port))
(define stderr (current-error-port))
(define (flush) (for ([port (list stdout stderr)]) (with-handlers ([exn:fail? void]) (flush-output port))))

(define (done id status)
  (set! running #f)
  (flush)
  (send (hasheq 'type "done" 'id id 'status status)))

;; With breaks disabled: only what `parameterize-break` encloses can be interrupted.
(define (execute record)
  (define id (hash-ref record 'id))
  (with-handlers ([void void]) (parameterize-break #t (sleep 0))) ; One that came too late for the cell before.
  (set! asked #f)
  (set! running id)
  (define problem
    (let/ec return
      (with-handlers* ([(lambda (problem) #t) (lambda (problem) (return (box problem)))])
        (parameterize-break #t
          (define results (run (hash-ref record 'code) id))
          (unless (or (andmap void? results) (eq? #t (hash-ref record 'silent #f))) (report id results)))
        #f)))
  (done id
        (cond [(not problem) "ok"]
              [(and (exn:break? (unbox problem)) (equal? asked id)) (told-interrupt id)]
              [else (with-handlers* ([exn:break? void]) (parameterize-break #t (failed id (unbox problem)))) "error"])))

(define evaluator #f)
(define (start)
  (set! evaluator
        (parameterize-break #f
          (parameterize ([current-namespace space] [exit-handler leaving] [compile-context-preservation-enabled #t] [current-command-line-arguments (vector)])
            (thread (lambda ()
                      (let loop ()
                        (semaphore-wait queued)
                        (define record (car queue))
                        (set! queue (cdr queue))
                        (execute record)
                        (loop))))))))

;; `exit` in a cell.
(define (leaving status)
  (when running (done running "ok"))
  (leave status))

;; --- Questions: nothing foreign runs, so that only values of built-in types are printed.

(define (short value [depth 0])
  (cond [(or (number? value) (boolean? value) (char? value) (symbol? value) (keyword? value) (null? value) (void? value)) (cut (format "~s" value) 100)]
        [(string? value) (format "~s" (if (> (string-length value) 150) (substring value 0 150) value))]
        [(pair? value)
         (if (> depth 1)
             "(…)"
             (let loop ([rest value] [count 0] [parts '()])
               (if (and (pair? rest) (< count 10))
                   (loop (cdr rest) (add1 count) (cons (short (car rest) (add1 depth)) parts))
                   (string-append "(" (string-join (reverse parts) " ") (cond [(null? rest) ""] [(pair? rest) " …"] [else (string-append " . " (short rest 2))]) ")"))))]
        [(and (vector? value) (not (impersonator? value)))
         (string-append "#" (short (for/list ([item (in-vector value 0 (min 11 (vector-length value)))]) item) depth))]
        [(and (hash? value) (not (impersonator? value))) (format "#<hash of ~a>" (hash-count value))]
        [else (format "#<~a>" (type-of value))]))

(define (type-of value)
  (cond [(exact-integer? value) "integer"] [(number? value) "number"] [(boolean? value) "boolean"] [(string? value) "string"] [(symbol? value) "symbol"] [(null? value) "null"]
        [(pair? value) "pair"] [(vector? value) "vector"] [(hash? value) "hash"] [(char? value) "char"] [(void? value) "void"] [(bytes? value) "bytes"] [(box? value) "box"]
        [(procedure? value) "procedure"]
        [else (regexp-replace #rx"^struct:" (symbol->string (vector-ref (struct->vector value) 0)) "")]))

;; What a name stands for, in a box; #f for syntax and what is not defined, or only imported.
(define (value-of name [imported? #t])
  (with-handlers ([exn:fail? (lambda (_) #f)]) (box (namespace-variable-value name imported? #f space))))

(define (kind name) (let ([found (value-of name)]) (cond [(not found) "keyword"] [(procedure? (unbox found)) "function"] [else "instance"])))

(define (upto record) (let ([code (hash-ref record 'code)]) (substring code 0 (min (string-length code) (hash-ref record 'cursor)))))
(define (token text) (car (regexp-match #px"[^][(){}'\"`,;\\s#]*$" text)))

(define (complete record)
  (define before (upto record))
  (define prefix (token before))
  (define found (sort (filter (lambda (name) (string-prefix? name prefix)) (map symbol->string (namespace-mapped-symbols space))) string<?))
  (hasheq 'matches (for/list ([name found] [_ row-limit]) (hasheq 'text (cut name 400) 'type (kind (string->symbol name))))
          'start (- (string-length before) (string-length prefix)) 'end (string-length before)))

(define (inspected record)
  (define code (hash-ref record 'code))
  (define before (string-trim (upto record) #px"\\(+" #:left? #f))
  (define name (string-append (token before) (car (regexp-match #px"^[^][(){}'\"`,;\\s#]*" (substring code (min (string-length code) (string-length before)))))))
  (define symbol (string->symbol name))
  (define found (value-of symbol))
  (cond [(or (string=? name "") (not (or found (memq symbol (namespace-mapped-symbols space))))) (hasheq 'found #f 'data (hasheq))]
        [else
         (define value (and found (unbox found)))
         (define text
           (cond [(not found) "syntax"]
                 [(procedure? value) (format "procedure of ~a" (arity (procedure-arity value)))]
                 [else (format "~a = ~a" (type-of value) (short value))]))
         (hasheq 'found #t 'data (hasheq 'text/plain (cut (format "~a: ~a" name text) 60000)))]))

(define (arity value)
  (cond [(number? value) (format "~a argument~a" value (if (= value 1) "" "s"))]
        [(arity-at-least? value) (format "at least ~a" (arity (arity-at-least-value value)))]
        [else (string-join (map arity value) ", or ")]))

(define (is-complete record)
  (define code (regexp-replace #px"^((?:\\s|;[^\n]*\n)*)#lang[ ]+\\S+" (hash-ref record 'code) "\\1"))
  (with-handlers ([exn:fail:read:eof? (lambda (_) (hasheq 'status "incomplete" 'indent "  "))]
                  [exn:fail:read? (lambda (_) (hasheq 'status "invalid"))])
    (define port (open-input-string code))
    (let loop () (if (eof-object? (read-syntax "cell" port)) (hasheq 'status "complete") (loop)))))

(define (variables)
  (define names (sort (namespace-mapped-symbols space) symbol<?))
  (define rows
    (for*/list ([name names] [found (in-value (value-of name #f))] #:when found)
      (define value (unbox found))
      (hasheq 'name (cut (symbol->string name) 200) 'type (cut (type-of value) 200) 'repr (cut (short value) 200)
              'size (cond [(string? value) (string-length value)] [(list? value) (length value)] [(vector? value) (vector-length value)] [(hash? value) (hash-count value)] [else 0]))))
  (hasheq 'variables (take rows (min row-limit (length rows)))))

(define (answer type record)
  (case type
    [("complete") (complete record)]
    [("inspect") (inspected record)]
    [("is_complete") (is-complete record)]
    [("variables") (variables)]
    [else (hasheq 'error "unknown type")]))

(file-stream-buffer-mode stdout 'line)
(parameterize-break #f
  (start)
  (send (hasheq 'type "ready" 'protocol 1 'language "racket" 'version (version)
                'features '("complete" "inspect" "is_complete" "variables" "concurrent" "interrupt")))
  (void (thread read-channel))
  (sync never-evt))
