# What the table of cars says of weight and consumption.
print(summary(mtcars[c("mpg", "wt")]))
print(coef(lm(mpg ~ wt, data = mtcars)))
stem(mtcars$mpg)
