compose <- function(...) {
  steps <- list(...)
  \(value) Reduce(\(result, step) step(result), steps, value)
}

slug <- compose(
  tolower,
  \(text) gsub("[^a-z0-9]+", "-", text),
  \(text) gsub("^-|-$", "", text)
)

titles <- c("Hello, World!", "  R in 2024 ", "C++ & friends")
print(unname(sapply(titles, slug)))

numbers <- 1:10
print(Filter(\(n) n %% 3 == 1, numbers))
print(Reduce(`+`, numbers, accumulate = TRUE))
print(unlist(Map(\(name, n) paste0(name, n), c("a", "b", "c"), 1:3), use.names = FALSE))
