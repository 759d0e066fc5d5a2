package main

import (
	"fmt"
	"sort"
	"strings"
)

func Map[In, Out any](values []In, change func(In) Out) []Out {
	result := make([]Out, 0, len(values))
	for _, value := range values {
		result = append(result, change(value))
	}
	return result
}

func Filter[Value any](values []Value, keep func(Value) bool) []Value {
	var result []Value
	for _, value := range values {
		if keep(value) {
			result = append(result, value)
		}
	}
	return result
}

func GroupBy[Value any, Key comparable](values []Value, key func(Value) Key) map[Key][]Value {
	groups := map[Key][]Value{}
	for _, value := range values {
		groups[key(value)] = append(groups[key(value)], value)
	}
	return groups
}

func main() {
	words := strings.Fields("the quick brown fox jumps over the lazy dog")
	fmt.Println(Map(words, strings.ToUpper))
	fmt.Println(Filter(words, func(word string) bool { return strings.Contains(word, "o") }))
	groups := GroupBy(words, func(word string) int { return len(word) })
	lengths := make([]int, 0, len(groups))
	for length := range groups {
		lengths = append(lengths, length)
	}
	sort.Ints(lengths)
	for _, length := range lengths {
		fmt.Println(length, groups[length])
	}
}
