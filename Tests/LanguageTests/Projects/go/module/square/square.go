// Package square knows squares.
package square

// Area is that of a square with this side.
func Area(side int) int { return product(side, side) }
