output <- file("lines.txt", "w")
for (number in 1:1000) writeLines(paste("line", number), output)
close(output)

input <- file("lines.txt", "r")
count <- 0L
while (length(readLines(input, n = 1)) > 0) count <- count + 1L
close(input)
cat(count, "\n", sep = "")
