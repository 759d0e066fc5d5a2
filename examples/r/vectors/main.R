temperatures <- c(Mon = 18.5, Tue = 21.0, Wed = 24.5, Thu = 19.0, Fri = 27.5)

cat("mean:", mean(temperatures), "\n")
cat("in Fahrenheit:", temperatures * 9 / 5 + 32, "\n")
cat("warm days:", names(temperatures)[temperatures > 20], "\n")
cat("warmest:", names(which.max(temperatures)), "\n")
print(round(quantile(temperatures), 1))
print(diff(temperatures))
