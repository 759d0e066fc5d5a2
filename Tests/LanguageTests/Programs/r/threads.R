library(parallel)

work <- function(worker) sum((1000 * worker + 1):(1000 * (worker + 1)))

# R has one thread: these are four processes.
sums <- unlist(mclapply(0:3, work, mc.cores = 4))
cat(sprintf("worker %d: %d\n", 0:3, as.integer(sums)), sep = "")
cat(sprintf("total: %d\n", as.integer(sum(sums))))
