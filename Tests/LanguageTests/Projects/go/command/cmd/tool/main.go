package main

import (
	"fmt"

	"example.com/shapes"
	"example.com/shapes/internal/sides"
)

func main() {
	for _, side := range sides.All {
		fmt.Printf("square of %d: %d\n", side, shapes.Square(side))
	}
}
