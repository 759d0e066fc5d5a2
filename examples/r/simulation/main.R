input <- file("stdin", "r")
people <- as.integer(readLines(input, n = 1))
close(input)

exact <- 1 - prod((365:(365 - people + 1)) / 365)

set.seed(42)
hits <- replicate(5000, any(duplicated(sample(365, people, replace = TRUE))))

cat(sprintf("%d people: %.1f %% exactly\n", people, 100 * exact))
cat("simulation within 3 points:", abs(mean(hits) - exact) < 0.03, "\n")
