source("lib/shapes.R")
for (side in scan("sides.txt", quiet = TRUE)) cat("square of ", side, ": ", square(side), "\n", sep = "")
