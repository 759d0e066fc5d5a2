package main

import (
	"fmt"
	"math"
)

type Shape interface {
	Area() float64
	Perimeter() float64
}

type Circle struct{ Radius float64 }
type Rectangle struct{ Width, Height float64 }

func (c Circle) Area() float64         { return math.Pi * c.Radius * c.Radius }
func (c Circle) Perimeter() float64    { return 2 * math.Pi * c.Radius }
func (r Rectangle) Area() float64      { return r.Width * r.Height }
func (r Rectangle) Perimeter() float64 { return 2 * (r.Width + r.Height) }

// Fmt uses this method wherever a Rectangle is printed.
func (r Rectangle) String() string { return fmt.Sprintf("%gx%g", r.Width, r.Height) }

func main() {
	for _, shape := range []Shape{Circle{1}, Rectangle{3, 4}} {
		switch it := shape.(type) {
		case Circle:
			fmt.Printf("circle of radius %g: ", it.Radius)
		case Rectangle:
			fmt.Printf("rectangle %v: ", it)
		}
		fmt.Printf("area %.2f, perimeter %.2f\n", shape.Area(), shape.Perimeter())
	}
}
