package main

import (
	"fmt"
	"math/cmplx"
	"strings"
)

const shades = " .:-=+*#%@"

// escape returns how many rounds a point stays, at most limit.
func escape(c complex128, limit int) int {
	z := complex(0, 0)
	for round := 0; round < limit; round++ {
		z = z*z + c
		if cmplx.Abs(z) > 2 {
			return round
		}
	}
	return limit
}

func main() {
	for y := 1.2; y >= -1.2; y -= 0.12 {
		line := ""
		for x := -2.2; x <= 0.8; x += 0.05 {
			line += string(shades[escape(complex(x, y), 50)*(len(shades)-1)/50])
		}
		fmt.Println(strings.TrimRight(line, " "))
	}
}
