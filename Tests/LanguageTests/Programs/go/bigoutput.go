package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for n := 1; n <= 150000; n++ {
		fmt.Fprintln(out, n)
	}
}
