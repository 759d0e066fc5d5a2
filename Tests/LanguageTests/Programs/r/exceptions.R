# A number that is none is a warning in R, which can be caught like an error.
tryCatch(
  cat(as.integer("12x"), "\n"),
  warning = function(condition) {
    cat("caught\n")
    quit(status = 3)
  }
)
