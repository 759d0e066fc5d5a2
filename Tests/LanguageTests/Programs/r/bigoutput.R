writeLines(format(1:150000, scientific = FALSE, trim = TRUE))
