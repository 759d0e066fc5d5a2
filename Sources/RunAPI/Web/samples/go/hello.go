// Press Run, or Ctrl and Enter.
package main

import "fmt"

func main() {
	for index, colour := range []string{"red", "green", "blue"} {
		fmt.Printf("%d. Hello, %s world!\n", index+1, colour)
	}
}
