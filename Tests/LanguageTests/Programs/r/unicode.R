same <- "Grüße, мир! Ωμέγα 日本語 🦆"

line <- readLines(file("stdin", encoding = "UTF-8"), n = 1)
cat(line, "\n", sep = "")
cat(nchar(line, "chars"), "\n", sep = "")
cat(nchar(line, "bytes"), "\n", sep = "")
cat(intToUtf8(rev(utf8ToInt(line))), "\n", sep = "")
cat(if (line == same) "same" else "different", "\n", sep = "")
