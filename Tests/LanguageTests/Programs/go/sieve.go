package main

import "fmt"

const limit = 100000

func main() {
	composite := make([]bool, limit)
	count, largest := 0, 0
	for n := 2; n < limit; n++ {
		if composite[n] {
			continue
		}
		count++
		largest = n
		for multiple := n * n; multiple < limit; multiple += n {
			composite[multiple] = true
		}
	}
	fmt.Println(count, largest)
}
