package main

import (
	"fmt"

	"example.com/shapes/square"
)

func main() {
	for side := 6; side <= 7; side++ {
		fmt.Printf("square of %d: %d\n", side, square.Area(side))
	}
}
