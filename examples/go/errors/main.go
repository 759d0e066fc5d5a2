package main

import (
	"errors"
	"fmt"
	"strconv"
)

var ErrNegative = errors.New("negative amount")

func parseAmount(text string) (int, error) {
	amount, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("reading amount: %w", err)
	}
	if amount < 0 {
		return 0, fmt.Errorf("amount %d: %w", amount, ErrNegative)
	}
	return amount, nil
}

func main() {
	for _, text := range []string{"250", "-5", "12a"} {
		amount, err := parseAmount(text)
		var number *strconv.NumError
		switch {
		case err == nil:
			fmt.Println("paid", amount)
		case errors.Is(err, ErrNegative):
			fmt.Println("refused:", err)
		case errors.As(err, &number):
			fmt.Printf("not a number: %q\n", number.Num)
		}
	}
}
