package main

import "fmt"

const size = 8

type board struct {
	columns   []int
	solutions int
	first     string
}

func (b *board) attacks(column int) bool {
	row := len(b.columns)
	for r, c := range b.columns {
		if c == column || row-r == column-c || row-r == c-column {
			return true
		}
	}
	return false
}

func (b *board) place() {
	if len(b.columns) == size {
		b.solutions++
		if b.solutions == 1 {
			for _, column := range b.columns {
				b.first += fmt.Sprint(column)
			}
		}
		return
	}
	for column := 1; column <= size; column++ {
		if !b.attacks(column) {
			b.columns = append(b.columns, column)
			b.place()
			b.columns = b.columns[:len(b.columns)-1]
		}
	}
}

func main() {
	var b board
	b.place()
	fmt.Println(b.solutions)
	fmt.Println(b.first)
}
