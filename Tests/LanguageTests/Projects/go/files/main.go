package main

import "fmt"

func main() {
	for side := 6; side <= 7; side++ {
		fmt.Printf("square of %d: %d\n", side, square(side))
	}
}
