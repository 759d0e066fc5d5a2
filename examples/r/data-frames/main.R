plants <- data.frame(
  soil = c("sand", "sand", "loam", "loam", "clay", "clay", "loam"),
  height = c(11.2, 12.8, 19.5, 18.1, 15.0, 14.2, 20.4)
)
prices <- data.frame(soil = c("clay", "loam", "sand"), price = c(3, 8, 1))

heights <- aggregate(height ~ soil, data = plants, FUN = mean)
table <- merge(heights, prices)
table$per_price <- round(table$height / table$price, 2)
print(table[order(-table$height), ], row.names = FALSE)

cat("loam differs from sand:", t.test(height ~ soil, data = subset(plants, soil != "clay"))$p.value < 0.05, "\n")
