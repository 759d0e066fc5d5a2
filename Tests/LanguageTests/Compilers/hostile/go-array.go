package main

var numbers = [1 << 30]int{1: 1, 1<<30 - 1: 2}

func main() { println(numbers[1]) }
