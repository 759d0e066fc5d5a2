limit <- 100000

is_prime <- c(FALSE, rep(TRUE, limit - 2))
for (number in 2:floor(sqrt(limit))) {
  if (is_prime[number]) is_prime[seq(number^2, limit - 1, by = number)] <- FALSE
}
primes <- which(is_prime)
cat(length(primes), tail(primes, 1), sep = " ", fill = TRUE)
