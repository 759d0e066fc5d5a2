# The driver of a live session for R. docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101.
#
# R cannot open a descriptor by its number: perl and cat, which every root has, hand commands and records on; perl also notes interrupts in a file.
# Expressions of a cell are evaluated one by one, in the global environment; what is visible is printed, and the last one is the cell's value.
local({
    unlink("session.R") # Nobody needs it any more, and a cell should find its folder empty.
    RECORD <- 1048576; TEXT <- 65536; ROWS <- 200
    note <- tempfile("interrupt")
    plots <- tempfile("plots"); dir.create(plots)
    relay <- '$SIG{INT} = "IGNORE"; $| = 1; binmode STDOUT; open my $in, "<&=", 100 or exit 1;
        sub exactly { my ($size, $data) = ($_[0], ""); while (length $data < $size) { sysread($in, $data, $size - length $data, length $data) or exit 0 } $data }
        while (1) {
            my $head = exactly(4); my $size = unpack "N", $head; exit 1 if $size > 1 << 20;
            my $body = exactly($size);
            if ($body !~ /"type":\\s*"interrupt"/) { print $head, $body; next }
            open my $file, ">", "NOTE.new"; print $file $body =~ /"id":\\s*"([^"]*)"/; close $file; rename "NOTE.new", "NOTE";
        }'
    input <- pipe(paste("exec perl -e", shQuote(gsub("NOTE", note, relay))), "rb")
    output <- pipe("exec bash -c 'trap \"\" INT; exec cat >&101'", "wb")
    running <- current <- NULL
    asked <- FALSE

    # --- JSON

    utf8 <- function(text) {
        text <- enc2utf8(paste(text, collapse = "\n"))
        if (validUTF8(text)) text else iconv(text, "latin1", "UTF-8")
    }
    quote_ <- function(text) {
        text <- gsub("\"", "\\\"", gsub("\\", "\\\\", utf8(text), fixed = TRUE), fixed = TRUE)
        text <- gsub("\r", "\\r", gsub("\t", "\\t", gsub("\n", "\\n", text, fixed = TRUE), fixed = TRUE), fixed = TRUE)
        if (grepl("[\001-\037]", text)) for (code in 1:31) text <- gsub(intToUtf8(code), sprintf("\\u%04x", code), text, fixed = TRUE)
        paste0("\"", text, "\"")
    }
    object <- function(...) {
        fields <- list(...)
        fields <- fields[!vapply(fields, is.null, NA)]
        paste0("{", paste0("\"", names(fields), "\":", unlist(fields), collapse = ","), "}")
    }
    cut_ <- function(text, limit) {
        text <- utf8(text)
        if (nchar(text, "bytes") <= limit) return(text)
        bytes <- charToRaw(text)[seq_len(limit)]
        while (length(bytes) && !validUTF8(rawToChar(bytes))) bytes <- bytes[-length(bytes)]
        text <- rawToChar(bytes)
        Encoding(text) <- "UTF-8"
        text
    }
    # A field of a command: a string, or a number; nothing if there is none.
    field <- function(body, name) {
        found <- regmatches(body, regexpr(paste0("\"", name, "\"\\s*:\\s*(\"(?:[^\"\\\\]++|\\\\.)*+\"|[0-9]+)"), body, perl = TRUE))
        if (!length(found)) return(NULL)
        text <- sub("^\"\\w+\"\\s*:\\s*", "", found, perl = TRUE)
        if (substr(text, 1, 1) != "\"") return(as.integer(text))
        text <- substr(text, 2, nchar(text) - 1)
        places <- gregexpr("\\\\u[dD][89abAB]..\\\\u[dD][c-fC-F]..|\\\\u[0-9a-fA-F]{4}|\\\\.", text, perl = TRUE)
        regmatches(text, places) <- lapply(regmatches(text, places), function(all) vapply(all, function(one) {
            plain <- c(n = "\n", t = "\t", r = "\r", b = "\b", f = "\f")[substr(one, 2, 2)]
            if (nchar(one) == 12) intToUtf8(65536 + bitwAnd(strtoi(substr(one, 3, 6), 16), 1023) * 1024 + bitwAnd(strtoi(substr(one, 9, 12), 16), 1023))
            else if (nchar(one) == 6) intToUtf8(strtoi(substr(one, 3, 6), 16))
            else if (is.na(plain)) substr(one, 2, 2) else unname(plain)
        }, "", USE.NAMES = FALSE))
        text
    }
    base64 <- function(bytes) {
        rest <- (3 - length(bytes) %% 3) %% 3
        three <- matrix(as.integer(c(bytes, raw(rest))), 3)
        word <- three[1, ] * 65536L + three[2, ] * 256L + three[3, ]
        letters_ <- c(LETTERS, letters, 0:9, "+", "/")
        four <- rbind(word %/% 262144L, word %/% 4096L %% 64L, word %/% 64L %% 64L, word %% 64L)
        text <- paste(letters_[four + 1L], collapse = "")
        if (rest) paste0(substr(text, 1, nchar(text) - rest), strrep("=", rest)) else text
    }

    # --- The channel

    send <- function(...) {
        data <- charToRaw(object(...))
        if (length(data) > RECORD) stop("record too large")
        writeBin(length(data), output, endian = "big")
        writeBin(data, output)
        flush(output)
    }
    receive <- function() {
        size <- readBin(input, "integer", 1, endian = "big")
        if (!length(size)) base::quit("no", 0) # The service is gone or has closed the session.
        body <- readBin(input, "raw", size)
        if (length(body) < size) base::quit("no", 70)
        body <- rawToChar(body)
        Encoding(body) <- "UTF-8"
        body
    }
    # A SIGINT: goes on, unless an `interrupt` for the running cell has come.
    on_interrupt <- function(condition) {
        for (patience in 1:2) {
            if (!is.null(running) && file.exists(note) && identical(readLines(note, warn = FALSE), running)) {
                unlink(note)
                asked <<- TRUE
            }
            if (asked) return(invisible()) else if (patience == 1) Sys.sleep(0.02)
        }
        if (!is.null(findRestart("resume"))) invokeRestart("resume")
    }

    # --- Cells

    json <- function(value) {
        if (!is.atomic(value) || is.null(value) || length(attributes(value)) || !length(value) || length(value) > 5000 || anyNA(value)) return(NULL)
        parts <- if (is.character(value)) vapply(value, quote_, "") else if (is.logical(value)) tolower(value)
            else if (is.numeric(value) && all(is.finite(value) & abs(value) < 2^53)) vapply(value, format, "", digits = 15, scientific = FALSE, trim = TRUE)
        if (is.null(parts)) return(NULL)
        text <- if (length(parts) == 1) parts else paste0("[", paste(parts, collapse = ","), "]")
        if (nchar(text, "bytes") <= TEXT) unname(text)
    }
    fitting <- function(data) {
        parts <- vapply(names(data), function(mime) {
            text <- quote_(data[[mime]])
            if (nchar(text, "bytes") <= 900000 %/% length(data)) paste0(quote_(mime), ":", text)
            else paste0("\"text/plain\":", quote_(sprintf("<%s, %d bytes: too large to show>", mime, nchar(text, "bytes"))))
        }, "")
        paste0("{", paste(parts, collapse = ","), "}")
    }
    text_of <- function(value) paste(capture.output(print(value)), collapse = "\n")
    show_plots <- function() {
        if (length(dev.list())) graphics.off()
        for (file in list.files(plots, full.names = TRUE)) {
            bytes <- readBin(file, "raw", file.size(file))
            unlink(file)
            if (length(bytes)) send(type = "\"display\"", id = quote_(current), data = fitting(list("text/plain" = "<plot>", "image/png" = base64(bytes))))
        }
    }
    failed <- function(id, problem, calls) {
        head <- if (inherits(problem, "interrupt")) "Interrupted" else class(problem)[1]
        message <- if (inherits(problem, "interrupt")) "the cell was interrupted" else tryCatch(conditionMessage(problem), error = function(e) "the message cannot be read")
        call <- if (!inherits(problem, "interrupt")) conditionCall(problem)
        first <- if (is.null(call)) paste0("Error: ", message) else paste0("Error in ", deparse(call, nlines = 1)[1], ": ", message)
        lines <- c(strsplit(first, "\n", fixed = TRUE)[[1]], if (length(calls)) paste0("  ", rev(calls)))
        lines <- vapply(utils::head(lines, 200), function(line) quote_(cut_(line, 600)), "")
        send(type = "\"error\"", id = quote_(id), exception = quote_(cut_(head, 200)), message = quote_(cut_(message, 8000)), traceback = paste0("[", paste(lines, collapse = ","), "]"))
    }
    # The calls of the cell, as an error goes: what is below its evaluation and above the handler.
    calls_of <- function(calls) {
        texts <- vapply(calls, function(call) deparse(call, nlines = 1)[1], "")
        start <- max(0, which(texts == "eval(part, globalenv())"))
        texts <- if (start > 0) texts[-seq_len(start)] else texts
        utils::head(texts[!grepl("^(\\.handleSimpleError|h\\(simpleError|stop\\(|doTryCatch|tryCatch|withCallingHandlers|\\(function \\(problem\\))", texts)], 100)
    }
    run <- function(code, id, silent) {
        file <- srcfilecopy(paste("cell", id), strsplit(code, "\n", fixed = TRUE)[[1]])
        parts <- parse(text = code, srcfile = file, keep.source = TRUE)
        for (index in seq_along(parts)) {
            part <- parts[[index]]
            result <- withVisible(eval(part, globalenv()))
            if (!result$visible) next
            if (index < length(parts)) { print(result$value); next }
            assign(".Last.value", result$value, envir = as.environment("nestbox"))
            if (is.null(result$value) || silent) next
            text <- utf8(text_of(result$value))
            html <- if (isS4(result$value) || !is.object(result$value)) NULL else attr(result$value, "nestbox")
            send(type = "\"result\"", id = quote_(id), repr = quote_(cut_(text, TEXT)), truncated = tolower(nchar(text, "bytes") > TEXT),
                value = json(result$value), data = if (length(html)) fitting(html))
        }
    }
    execute <- function(body) {
        id <- field(body, "id")
        running <<- current <<- id
        asked <<- FALSE
        status <- "ok"
        calls <- NULL
        handle <- function(problem) {
            status <<- if (inherits(problem, "interrupt")) "interrupted" else "error"
            running <<- NULL
            failed(id, problem, calls)
        }
        tryCatch(
            withCallingHandlers(
                allowInterrupts({
                    run(field(body, "code"), id, grepl("\"silent\"\\s*:\\s*true", body))
                    show_plots()
                }),
                error = function(problem) calls <<- calls_of(sys.calls()),
                interrupt = on_interrupt),
            error = handle, interrupt = handle)
        running <<- NULL
        try(show_plots(), silent = TRUE)
        while (sink.number() > 0) sink()
        flush(stdout()); flush(stderr())
        send(type = "\"done\"", id = quote_(id), status = quote_(status))
    }
    leave <- function(save = "no", status = 0, runLast = TRUE) {
        if (!is.null(running)) {
            flush(stdout())
            send(type = "\"done\"", id = quote_(running), status = "\"ok\"")
        }
        base::quit("no", status, runLast)
    }
    rich <- function(mime) function(content) structure(list(), class = "nestbox_rich", nestbox = setNames(list(content), mime))
    display <- function(value, id = NULL, update = FALSE) {
        flush(stdout())
        data <- attr(value, "nestbox")
        send(type = "\"display\"", id = quote_(current), data = fitting(if (length(data)) data else list("text/plain" = cut_(text_of(value), TEXT))),
            display_id = if (!is.null(id)) quote_(cut_(as.character(id), 200)), update = if (!is.null(id)) tolower(update))
    }
    attach(list(q = leave, quit = leave, display = display, update_display = function(value, id) display(value, id, TRUE),
        clear_output = function(wait = FALSE) send(type = "\"clear\"", id = quote_(current), wait = tolower(wait)),
        HTML = rich("text/html"), SVG = rich("image/svg+xml"), Markdown = rich("text/markdown")), name = "nestbox", warn.conflicts = FALSE)
    registerS3method("print", "nestbox_rich", function(x, ...) cat("<", names(attr(x, "nestbox")), ">\n", sep = ""))

    # --- Questions, while no cell runs

    complete <- function(code, cursor) {
        before <- substr(code, 1, cursor)
        line <- sub("^[\\s\\S]*\n", "", before, perl = TRUE)
        utils:::.assignLinebuffer(line)
        utils:::.assignEnd(nchar(line))
        token <- utils:::.guessTokenFromLine()
        utils:::.completeToken()
        found <- utils::head(utils:::.retrieveCompletions(), ROWS)
        kind <- function(name) if (grepl("[=$@]", name)) "argument" else if (exists(name) && is.function(get(name))) "function" else "instance"
        matches <- vapply(found, function(name) object(text = quote_(name), type = quote_(tryCatch(kind(name), error = function(e) "instance"))), "")
        list(matches = paste0("[", paste(matches, collapse = ","), "]"), start = cursor - nchar(token), end = cursor)
    }
    inspect <- function(code, cursor) {
        before <- regmatches(substr(code, 1, cursor), regexpr("[\\w.]*\\(?$", substr(code, 1, cursor), perl = TRUE))
        after <- regmatches(substr(code, cursor + 1, nchar(code)), regexpr("^[\\w.]*", substr(code, cursor + 1, nchar(code)), perl = TRUE))
        name <- paste0(sub("\\($", "", before), after)
        if (!nchar(name) || !exists(name, envir = globalenv())) return(list(found = "false", data = "{}"))
        value <- get(name, envir = globalenv())
        text <- if (is.function(value)) paste(c(name, utils::head(deparse(args(value)), -1)), collapse = " ") else paste(capture.output(utils::str(value)), collapse = "\n")
        list(found = "true", data = object("text/plain" = quote_(cut_(text, TEXT))))
    }
    is_complete <- function(code, cursor) {
        problem <- tryCatch({ parse(text = code, keep.source = FALSE); "" }, error = conditionMessage)
        if (problem == "") return(list(status = "\"complete\""))
        if (!grepl("unexpected end of input|INCOMPLETE_STRING", problem)) return(list(status = "\"invalid\""))
        line <- sub("^[\\s\\S]*\n", "", code, perl = TRUE)
        list(status = "\"incomplete\"", indent = quote_(paste0(sub("^(\\s*)[\\s\\S]*$", "\\1", line, perl = TRUE), if (grepl("[{(]\\s*$", line)) "    ")))
    }
    variables <- function(code, cursor) {
        rows <- vapply(utils::head(ls(globalenv()), ROWS), function(name) {
            value <- get(name, envir = globalenv())
            text <- if (is.function(value)) paste(utils::head(deparse(args(value)), -1), collapse = " ")
                else if (is.atomic(value) && length(value) == 1 && !is.object(value)) deparse(value)[1]
                else trimws(capture.output(utils::str(value, vec.len = 3, give.attr = FALSE, max.level = 1, list.len = 5))[1])
            object(name = quote_(cut_(name, 200)), type = quote_(cut_(class(value)[1], 200)), repr = quote_(cut_(text, 200)), size = format(as.numeric(utils::object.size(value)), scientific = FALSE))
        }, "")
        list(variables = paste0("[", paste(rows, collapse = ","), "]"))
    }
    questions <- list(complete = complete, inspect = inspect, is_complete = is_complete, variables = variables)
    answer <- function(body) {
        id <- quote_(field(body, "id"))
        question <- questions[[field(body, "type")]]
        fields <- if (is.null(question)) list(error = "\"unknown type\"") else tryCatch({
            setTimeLimit(cpu = 2, elapsed = 2, transient = TRUE)
            question(field(body, "code"), field(body, "cursor"))
        }, error = function(e) list(error = quote_(cut_(conditionMessage(e), 500))))
        setTimeLimit()
        do.call(send, c(list(type = "\"answer\"", id = id), fields))
    }

    options(warn = 1, device = function(...) grDevices::png(file.path(plots, "plot%04d.png"), type = "cairo"), keep.source = TRUE)
    suspendInterrupts({
        send(type = "\"ready\"", protocol = 1, language = "\"r\"", version = quote_(as.character(getRversion())),
            features = "[\"complete\",\"inspect\",\"is_complete\",\"variables\",\"interrupt\",\"rich\"]")
        repeat {
            body <- receive()
            if (identical(field(body, "type"), "execute")) execute(body) else answer(body)
        }
    })
})
