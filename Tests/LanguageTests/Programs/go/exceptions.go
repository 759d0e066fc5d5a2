package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
)

func main() {
	_, err := strconv.Atoi("12x")
	if errors.Is(err, strconv.ErrSyntax) {
		fmt.Println("caught")
		os.Exit(3)
	}
}
