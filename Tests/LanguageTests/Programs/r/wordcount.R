lines <- readLines(file("stdin"))
words <- unlist(strsplit(lines, "[[:space:]]+"))
words <- words[words != ""]

counts <- table(words)
names <- names(counts)
order <- order(-counts, names, method = "radix")
cat(length(lines), length(words), length(counts), fill = TRUE)
for (i in head(order, 5)) cat(counts[i], names[i], fill = TRUE)
