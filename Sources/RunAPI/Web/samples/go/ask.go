package main

import "fmt"

func main() {
	var name string
	var number int
	fmt.Print("What is your name? ")
	fmt.Scan(&name)
	fmt.Print("And a number? ")
	fmt.Scan(&number)
	fmt.Printf("Hello, %s! %d times 7 is %d.\n", name, number, number*7)
}
