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
	if err != nil {
		panic(err)
	}
	line = strings.TrimSuffix(line, "\n")
	fmt.Println(line)
	fmt.Println(utf8.RuneCountInString(line))
	fmt.Println(len(line))
	runes := []rune(line)
	for i := len(runes) - 1; i >= 0; i-- {
		fmt.Print(string(runes[i]))
	}
	fmt.Println()
	if line == "Grüße, мир! Ωμέγα 日本語 🦆" {
		fmt.Println("same")
	} else {
		fmt.Println("different")
	}
}
