package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
)

func write(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	for n := 1; n <= 1000; n++ {
		fmt.Fprintf(out, "line %d\n", n)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return file.Close()
}

func count(name string) (int, error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	lines := 0
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		lines++
	}
	return lines, scanner.Err()
}

func main() {
	if err := write("lines.txt"); err != nil {
		log.Fatal(err)
	}
	lines, err := count("lines.txt")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(lines)
}
