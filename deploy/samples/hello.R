name <- readLines(file("stdin"), n = 1)
cat(sprintf("hello %s from R: %d\n", name, as.integer(Reduce(`*`, c(2, 3, 7)))))
