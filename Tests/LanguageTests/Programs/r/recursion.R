# R counts nested expressions, of which there are several in each call.
options(expressions = 50000)

total <- function(number) if (number == 0) 0 else number + total(number - 1)

cat(total(5000), "\n", sep = "")
