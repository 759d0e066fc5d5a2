;;; The driver of a live session for Common Lisp (SBCL). docs/session-drivers.md has the protocol: commands come from descriptor 100, records go
;;; to 101. A thread reads them, so that questions are answered while a cell runs; cells run in the main thread, form by form, as at the REPL: in the
;;; current package, with * / + and -. A cell's result is the values of its last form.
(ignore-errors (delete-file "session.lisp")) ; Nobody needs it any more, and a cell should find its folder empty.
(defpackage :nestbox-session (:use :cl))
(in-package :nestbox-session)

(defconstant +record+ (ash 1 20))
(defconstant +text+ (ash 64 10))
(defconstant +rows+ 200)
(defvar *main* sb-thread:*current-thread*)
(defvar *owner* (sb-unix:unix-getpid)) ; Whoever has another pid is a cell's child: it never answers.
(defvar *sending* (sb-thread:make-mutex :name "records"))
(defvar *cells* (sb-thread:make-mutex :name "cells"))
(defvar *more* (sb-thread:make-waitqueue))
(defvar *queue* '())
(defvar *running* nil)
(defvar *asked* nil)
(defvar *initial* (make-hash-table :test 'eq))
(defvar *in* (sb-sys:make-fd-stream 100 :input t :element-type '(unsigned-byte 8) :buffering :full))
(defvar *out* (sb-sys:make-fd-stream 101 :output t :input nil :element-type '(unsigned-byte 8) :buffering :full))

(defun inodes () (loop for number in '(100 101) collect (nth-value 2 (sb-unix:unix-fstat number))))
(defvar *channel* (inodes))

(defun leave (code)
  (sb-ext:exit :code code :abort t))

(defun lost (reason)
  (when (= (sb-unix:unix-getpid) *owner*)
    (ignore-errors (format sb-sys:*stderr* "session: ~A~%" reason) (finish-output sb-sys:*stderr*)))
  (leave 70))

;;; JSON

(defun octets (text) (sb-ext:string-to-octets text :external-format '(:utf-8 :replacement #\?)))

(defun quoted (text &optional (limit +record+))
  "A text as JSON, of at most so many bytes, by whole characters."
  (let ((size 0))
    (with-output-to-string (out)
      (write-char #\" out)
      (loop for c across text for code = (char-code c)
            do (incf size (cond ((< code #x80) 1) ((< code #x800) 2) ((< code #x10000) 3) (t 4)))
            while (<= size limit)
            do (cond ((find c "\"\\") (write-char #\\ out) (write-char c out))
                     ((char= c #\Newline) (write-string "\\n" out))
                     ((or (< code 32) (<= #xd800 code #xdfff)) (format out "\\u~4,'0x" (if (< code 32) code #xfffd)))
                     (t (write-char c out))))
      (write-char #\" out))))

(defun object (fields) (format nil "{~{~A:~A~^,~}}" (loop for (name value) on fields by #'cddr collect (quoted name) collect value)))
(defun array-of (items) (format nil "[~{~A~^,~}]" items))

(defun decode (text)
  "A command: an object of strings, numbers and words, as an association list."
  (let ((place 0) (fields '()))
    (labels ((skip () (loop while (find (char text place) '(#\Space #\, #\: #\{ #\Newline #\Tab #\Return)) do (incf place)))
             (hex () (prog1 (parse-integer text :start place :end (+ place 4) :radix 16) (incf place 4)))
             (escape (out)
               (let ((c (char text place)))
                 (incf place)
                 (case c
                   (#\n (write-char #\Newline out)) (#\t (write-char #\Tab out)) (#\r (write-char #\Return out))
                   (#\b (write-char #\Backspace out)) (#\f (write-char #\Page out))
                   (#\u (let ((code (hex)))
                          (when (and (<= #xd800 code #xdbff) (< (+ place 5) (length text)) (string= "\\u" text :start2 place :end2 (+ place 2)))
                            (incf place 2)
                            (setf code (+ #x10000 (ash (logand code 1023) 10) (logand (hex) 1023))))
                          (write-char (if (<= #xd800 code #xdfff) #\? (code-char code)) out)))
                   (t (write-char c out)))))
             (string-value ()
               (incf place)
               (with-output-to-string (out)
                 (loop
                   (let ((stop (position-if (lambda (c) (or (char= c #\") (char= c #\\))) text :start place)))
                     (write-string text out :start place :end stop)
                     (setf place (1+ stop))
                     (if (char= (char text stop) #\") (return) (escape out))))))
             (value ()
               (if (char= (char text place) #\")
                   (string-value)
                   (let ((stop (position-if (lambda (c) (find c ",} ")) text :start place)))
                     (prog1 (subseq text place stop) (setf place stop))))))
      (declare (type fixnum place))
      (check-type text (simple-array character))
      (loop
        (skip)
        (when (char= (char text place) #\}) (return fields))
        (let ((name (value)))
          (skip)
          (push (cons name (value)) fields))))))

(defun field (record name) (or (cdr (assoc name record :test #'string=)) ""))

;;; The channel

(defun send (&rest fields)
  (when (= (sb-unix:unix-getpid) *owner*)
    (let* ((data (octets (object fields))) (size (length data)))
      (when (> size +record+) (error "record too large"))
      (handler-case
          (sb-sys:without-interrupts
            (sb-thread:with-mutex (*sending*)
              (loop for shift in '(-24 -16 -8 0) do (write-byte (logand 255 (ash size shift)) *out*))
              (write-sequence data *out*)
              (finish-output *out*)))
        (stream-error () (lost "channel: cannot be written"))))))

(defun receive ()
  (let ((head (make-array 4 :element-type '(unsigned-byte 8))))
    (when (< (read-sequence head *in*) 4) (leave 0)) ; The service is gone or has closed the session.
    (let ((size (reduce (lambda (sum byte) (+ (ash sum 8) byte)) head)))
      (when (> size +record+) (lost "channel: record too large"))
      (let ((data (make-array size :element-type '(unsigned-byte 8))))
        (when (< (read-sequence data *in*) size) (leave 0))
        (decode (coerce (sb-ext:octets-to-string data :external-format '(:utf-8 :replacement #\?)) '(simple-array character)))))))

(defun stop (id) (when (and id (equal id *running*)) (throw 'cell :interrupted)))

(defun read-channel ()
  (handler-case
      (loop
        (let* ((record (receive)) (type (field record "type")) (id (field record "id")))
          (cond ((string= type "execute")
                 (sb-thread:with-mutex (*cells*) (setf *queue* (append *queue* (list record))) (sb-thread:condition-notify *more*)))
                ((string= type "interrupt") ; Only the cell it was sent for.
                 (when (equal id *running*)
                   (setf *asked* id)
                   (sb-thread:interrupt-thread *main* (lambda () (stop id)))))
                (t (apply #'send "type" "\"answer\"" "id" (quoted id)
                          (handler-case (answer type record)
                            (serious-condition (problem) (list "error" (quoted (princ-to-string problem) 500)))))))))
    (stream-error () (leave 0))))

;;; Standard input: what was written before a read is seen before it.

(defclass console (sb-gray:fundamental-character-input-stream) ())
(defmethod sb-gray:stream-read-char ((stream console)) (finish-output sb-sys:*stdout*) (read-char sb-sys:*stdin* nil :eof))
(defmethod sb-gray:stream-unread-char ((stream console) c) (unread-char c sb-sys:*stdin*))
(defmethod sb-gray:stream-read-char-no-hang ((stream console)) (read-char-no-hang sb-sys:*stdin* nil :eof))
(defmethod sb-gray:stream-peek-char ((stream console)) (finish-output sb-sys:*stdout*) (peek-char nil sb-sys:*stdin* nil :eof))
(defmethod sb-gray:stream-listen ((stream console)) (listen sb-sys:*stdin*))
(defmethod sb-gray:stream-clear-input ((stream console)) (clear-input sb-sys:*stdin*))
(defmethod sb-gray:stream-read-line ((stream console))
  (finish-output sb-sys:*stdout*)
  (multiple-value-bind (line missing) (read-line sb-sys:*stdin* nil :eof) (if (eq line :eof) (values "" t) (values line missing))))

;;; Printing no more than is shown

(defclass bounded (sb-gray:fundamental-character-output-stream) ((left :initarg :left) (column :initform 0) (parts :initform (make-string-output-stream))))
(defmethod sb-gray:stream-write-char ((stream bounded) c)
  (with-slots (left column parts) stream
    (when (minusp (decf left)) (throw 'full t))
    (setf column (if (char= c #\Newline) 0 (1+ column)))
    (write-char c parts)))
(defmethod sb-gray:stream-line-column ((stream bounded)) (slot-value stream 'column))

(defun printed (value limit &optional (print #'prin1))
  "What it prints as, and whether that was too long."
  (let* ((stream (make-instance 'bounded :left limit))
         (full (catch 'full (funcall print value stream) nil)))
    (values (get-output-stream-string (slot-value stream 'parts)) full)))

(defun json (value &optional (budget (list 20000)) (depth 0))
  "A value as JSON, if it is that as it stands; otherwise nil."
  (when (and (plusp (decf (car budget))) (< depth 32))
    (typecase value
      (integer (and (< (abs value) (ash 1 53)) (format nil "~D" value)))
      (float (and (or (zerop value) (<= 1/1000 (abs value) 9999999)) ; Beyond that it is printed in another form.
                  (let ((*read-default-float-format* (type-of value))) (prin1-to-string value))))
      (string (and (<= (length value) +text+) (quoted value)))
      ((eql t) "true")
      (null (and (plusp depth) "null"))
      ((or cons simple-vector)
       (let ((items (if (consp value)
                        (and (ignore-errors (list-length value)) (loop for (item . rest) on value unless (listp rest) return nil collect (json item budget (1+ depth))))
                        (map 'list (lambda (item) (json item budget (1+ depth))) value))))
         (and items (every #'identity items) (array-of items)))))))

;;; Cells

(defvar *trace* '())

(defun frames ()
  (let* ((*print-length* 6) (*print-level* 3) (*print-pretty* nil)
         (list (sb-debug:list-backtrace :count 250))
         (top (position-if (lambda (name) (member name '(error cerror break signal invoke-debugger sb-kernel:internal-error))) list :key #'car :end (min 20 (length list)) :from-end t))
         (mine (find-package :nestbox-session)))
    (loop for frame in (nthcdr (if top (1+ top) 0) list)
          for name = (car frame)
          until (or (member name '(eval sb-int:simple-eval-in-lexenv))
                    (and (symbolp name) (eq (symbol-package name) mine)))
          unless (search "NESTBOX-SESSION" (handler-case (printed name 500) (error () "")))
            collect (handler-case (printed frame 600) (error () (printed name 600))))))

(defun caught (condition hook)
  "What would enter the debugger: it ends the cell."
  (declare (ignore hook))
  (cond ((eq sb-thread:*current-thread* *main*)
         (setf *trace* (if (typep condition 'storage-condition) '() (frames)))
         (throw 'cell condition))
        (t (ignore-errors (format *error-output* "~&~A in ~A: ~A~%" (type-of condition) sb-thread:*current-thread* condition) (finish-output *error-output*))
           (sb-thread:abort-thread))))

(defun run (code)
  (with-input-from-string (stream code)
    (let ((values '()) (end (list nil)))
      (loop
        (let ((form (read stream nil end)))
          (when (eq form end) (return values))
          (setf values (multiple-value-list (progn (setf - form) (eval form))))
          (setf +++ ++ ++ + + form)
          (setf *** ** ** * * (car values) /// // // / / values))))))

(defun report (id values)
  (let ((text "") (cut nil))
    (dolist (value values)
      (multiple-value-bind (more full) (printed value (- (1+ +text+) (length text)))
        (setf text (if (string= text "") more (format nil "~A~%~A" text more)) cut (or cut full))))
    (let ((value (and (null (cdr values)) (json (car values)))) (size (length (octets text))))
      (apply #'send "type" "\"result\"" "id" (quoted id) "repr" (quoted text +text+) "truncated" (if (or cut (> size +text+)) "true" "false")
             (and value (<= (length value) +text+) (list "value" value))))))

(defun failed (id condition)
  (let* ((name (handler-case (let ((*package* (find-package :cl-user))) (printed (class-name (class-of condition)) 200)) (error () "ERROR")))
         (message (handler-case (printed condition 8000 #'princ) (error () "the error cannot be printed")))
         (lines (loop for frame in *trace* for number below 199 collect (quoted frame 600))))
    (send "type" "\"error\"" "id" (quoted id) "exception" (quoted name 200) "message" (quoted message 8000)
          "traceback" (array-of (cons (quoted message 600) lines)))))

(defun flush ()
  (ignore-errors (finish-output *standard-output*) (finish-output sb-sys:*stdout*))
  (ignore-errors (finish-output *error-output*) (finish-output sb-sys:*stderr*)))

(defun execute (record)
  (let* ((id (field record "id")) (status "ok")
         (outcome (catch 'cell
                    (setf *trace* '() *asked* nil *running* id)
                    (let ((values (run (field record "code"))))
                      (when (and values (string/= (field record "silent") "true")) (report id values)))
                    (flush)
                    nil)))
    (loop while (eq :again (catch 'cell ; An interrupt that comes while the error is told.
                             (when (and outcome (not (eq outcome :interrupted))) (setf status "error") (failed id outcome) (setf outcome nil))
                             nil
                             (sb-sys:without-interrupts (setf *running* nil))
                             :done)))
    (when (or (eq outcome :interrupted) (and outcome *asked*))
      (setf status "interrupted")
      (send "type" "\"error\"" "id" (quoted id) "exception" "\"Interrupted\"" "message" "\"the cell was interrupted\"" "traceback" "[]"))
    (setf *running* nil)
    (flush)
    (unless (= (sb-unix:unix-getpid) *owner*) (leave (if (string= status "ok") 0 1))) ; A child that the cell forked is at its end.
    (unless (equal (inodes) *channel*) (lost "channel: the cell has closed or replaced descriptors 100 and 101"))
    (send "type" "\"done\"" "id" (quoted id) "status" (quoted status))))

(defun leaving ()
  "`exit` in a cell."
  (when *running*
    (let ((id (shiftf *running* nil)))
      (flush)
      (send "type" "\"done\"" "id" (quoted id) "status" "\"ok\""))))

;;; Questions: nothing foreign runs, so that only objects of built-in types are printed.

(defun short (value &optional (depth 0))
  (typecase value
    ((or number character symbol) (let ((*package* (find-package :cl-user))) (printed value 100)))
    (string (printed (if (> (length value) 150) (subseq value 0 150) value) 200))
    (cons (if (> depth 1) "(…)"
              (format nil "(~{~A~^ ~}~@[~A~])" (loop for rest = value then (cdr rest) for count from 0 below 10 while (consp rest) collect (short (car rest) (1+ depth)))
                      (and (nthcdr 10 (if (ignore-errors (list-length value)) value '())) " …"))))
    (simple-vector (if (> depth 1) "#(…)" (format nil "#(~{~A~^ ~}~@[~A~])" (loop for item across value for count below 10 collect (short item (1+ depth))) (and (> (length value) 10) " …"))))
    (hash-table (format nil "#<HASH-TABLE of ~D>" (hash-table-count value)))
    (t (format nil "#<~A>" (class-name (class-of value))))))

(defun kind (symbol)
  (cond ((keywordp symbol) "keyword") ((macro-function symbol) "macro") ((special-operator-p symbol) "keyword") ((fboundp symbol) "function")
        ((boundp symbol) "instance") ((find-class symbol nil) "class")))

(defun upto (record) (let ((code (field record "code"))) (subseq code 0 (min (length code) (parse-integer (field record "cursor"))))))
(defun token (before) (subseq before (let ((place (position-if (lambda (c) (find c '(#\( #\) #\' #\" #\` #\, #\; #\Space #\Newline #\Tab #\#))) before :from-end t))) (if place (1+ place) 0))))

(defun names (text)
  "Symbols that begin with it, which may have a package in front, and that front."
  (let* ((colon (position #\: text)) (package (if colon (find-package (if (zerop colon) :keyword (string-upcase (subseq text 0 colon)))) *package*))
         (rest (and colon (position #\: text :start colon :test-not #'char=))) (front (if colon (subseq text 0 (or rest (length text))) ""))
         (prefix (string-upcase (subseq text (length front)))) (found '()))
    (flet ((look (symbol) (when (and (>= (length (symbol-name symbol)) (length prefix)) (string= prefix (symbol-name symbol) :end2 (length prefix)) (kind symbol)) (pushnew symbol found))))
      (cond ((null package))
            ((and colon (string= "::" front :start2 colon)) (do-symbols (symbol package) (when (eq (symbol-package symbol) package) (look symbol))))
            (colon (do-external-symbols (symbol package) (look symbol)))
            (t (do-symbols (symbol package) (look symbol)))))
    (values (sort found #'string<) front)))

(defun complete (record)
  (let* ((text (token (upto record))) (lower (string= text (string-downcase text))) (cursor (length (upto record))))
    (multiple-value-bind (found front) (names text)
      (list "matches" (array-of (loop for symbol in found for count below +rows+ for name = (symbol-name symbol)
                                      collect (object (list "text" (quoted (format nil "~A~A" front (if lower (string-downcase name) name)) 400) "type" (quoted (kind symbol))))))
            "start" (format nil "~D" (- cursor (length text))) "end" (format nil "~D" cursor)))))

(defun inspected (record)
  (let* ((code (field record "code")) (before (string-right-trim "(" (upto record)))
         (name (token (concatenate 'string before (let ((after (subseq code (min (length code) (length before))))) (subseq after 0 (or (position-if-not (lambda (c) (or (alphanumericp c) (find c "-*+:"))) after) (length after)))))))
         (symbol (find name (names name) :test (lambda (text symbol) (string-equal (subseq text (let ((colon (position #\: text :from-end t))) (if colon (1+ colon) 0))) (symbol-name symbol))))))
    (if (or (string= name "") (null symbol))
        (list "found" "false" "data" "{}")
        (list "found" "true" "data"
              (object (list "text/plain"
                            (quoted (format nil "~(~A~): ~A~@[~% = ~A~]~@[~%arguments: ~A~]~@[~%~A~]~@[~%~A~]" symbol (kind symbol)
                                            (and (boundp symbol) (short (symbol-value symbol)))
                                            (and (fboundp symbol) (not (special-operator-p symbol))
                                                 (let ((*print-pretty* nil)) (format nil "~(~A~)" (or (sb-kernel:%fun-lambda-list (or (macro-function symbol) (fdefinition symbol))) "()"))))
                                            (documentation symbol 'function) (documentation symbol 'variable))
                                    +text+)))))))

(defun is-complete (record)
  (let ((end (list nil)) (*read-suppress* t) (code (field record "code")))
    (handler-case
        (with-input-from-string (stream code)
          (loop until (eq end (read stream nil end)))
          (list "status" "\"complete\""))
      (end-of-file () (list "status" "\"incomplete\"" "indent" "\"  \""))
      (reader-error () (list "status" "\"invalid\"")))))

(defun variables ()
  (let ((found '()))
    (do-symbols (symbol *package*)
      (when (and (boundp symbol) (not (gethash symbol *initial*)) (not (constantp symbol)) (eq (symbol-package symbol) *package*)) (pushnew symbol found)))
    (list "variables"
          (array-of (loop for symbol in (sort found #'string<) for count below +rows+ for value = (symbol-value symbol)
                          collect (object (list "name" (quoted (format nil "~(~A~)" symbol) 200) "type" (quoted (let ((*package* (find-package :cl-user))) (printed (class-name (class-of value)) 200)) 200)
                                                "repr" (quoted (short value) 200)
                                                "size" (format nil "~D" (typecase value (vector (length value)) (hash-table (hash-table-count value)) (list (or (ignore-errors (list-length value)) 0)) (t 0))))))))))

(defun answer (type record)
  (cond ((string= type "complete") (complete record))
        ((string= type "inspect") (inspected record))
        ((string= type "is_complete") (is-complete record))
        ((string= type "variables") (variables))
        (t (list "error" "\"unknown type\""))))

(defun main ()
  (dolist (number '(100 101)) ; Programs that cells start have no business with them.
    (sb-alien:alien-funcall (sb-alien:extern-alien "fcntl" (function sb-alien:int sb-alien:int sb-alien:int sb-alien:int)) number 2 1))
  (sb-sys:enable-interrupt sb-unix:sigint (lambda (signal info context) (declare (ignore signal info context)) nil))
  (let ((console (make-instance 'console)))
    (setf *standard-input* console *terminal-io* (make-two-way-stream console sb-sys:*stdout*)))
  (setf *package* (find-package :cl-user) sb-ext:*invoke-debugger-hook* #'caught *debugger-hook* nil)
  (push #'leaving sb-ext:*exit-hooks*)
  (do-symbols (symbol *package*) (setf (gethash symbol *initial*) t))
  (send "type" "\"ready\"" "protocol" "1" "language" "\"lisp\"" "version" (quoted (lisp-implementation-version))
        "features" "[\"complete\",\"inspect\",\"is_complete\",\"variables\",\"concurrent\",\"interrupt\"]")
  (sb-thread:make-thread #'read-channel :name "session")
  (loop
    (let ((record nil))
      (sb-thread:with-mutex (*cells*)
        (loop until *queue* do (sb-thread:condition-wait *more* *cells*))
        (setf record (pop *queue*)))
      (execute record))))

(main)
