package main

func f[T any](n int) { if n > 0 { f[[2]T](n - 1) } }

func main() { f[int](3) }
