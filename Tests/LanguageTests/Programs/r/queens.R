size <- 8L

solutions <- function(columns = integer()) {
  row <- length(columns)
  if (row == size) return(list(columns))
  free <- Filter(function(column) all(columns != column & abs(columns - column) != row:1), seq_len(size))
  if (row == 0L) free <- seq_len(size)
  do.call(c, lapply(free, function(column) solutions(c(columns, column))))
}

found <- solutions()
cat(length(found), "\n", sep = "")
cat(found[[1]], "\n", sep = "")
