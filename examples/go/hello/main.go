package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"
)

func main() {
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	name := strings.TrimSpace(line)
	if name == "" {
		fmt.Println("no name was given:", err)
		os.Exit(1)
	}
	fmt.Printf("Hello, %s! %d characters in %d bytes.\n", name, utf8.RuneCountInString(name), len(name))
}
