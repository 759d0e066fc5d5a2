package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strings"
)

func main() {
	lines, words := 0, 0
	counts := map[string]int{}
	scanner := bufio.NewScanner(os.Stdin)
	for scanner.Scan() {
		lines++
		for _, word := range strings.Fields(scanner.Text()) {
			words++
			counts[word]++
		}
	}
	different := make([]string, 0, len(counts))
	for word := range counts {
		different = append(different, word)
	}
	sort.Slice(different, func(i, j int) bool {
		a, b := different[i], different[j]
		if counts[a] != counts[b] {
			return counts[a] > counts[b]
		}
		return a < b
	})
	fmt.Println(lines, words, len(different))
	for _, word := range different[:5] {
		fmt.Println(counts[word], word)
	}
}
