Sys.sleep(0.2)
cat("awake\n")
