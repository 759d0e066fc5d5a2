# Press Run, or Ctrl and Enter.
colours <- c("red", "green", "blue")
cat(paste0(seq_along(colours), ". Hello, ", colours, " world!"), sep = "\n")
