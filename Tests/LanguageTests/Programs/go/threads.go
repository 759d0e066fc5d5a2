package main

import (
	"fmt"
	"sync"
)

func main() {
	var sums [4]int
	var workers sync.WaitGroup
	for worker := range sums {
		workers.Add(1)
		go func(worker int) {
			defer workers.Done()
			for n := 1000*worker + 1; n <= 1000*(worker+1); n++ {
				sums[worker] += n
			}
		}(worker)
	}
	workers.Wait()
	total := 0
	for worker, sum := range sums {
		fmt.Printf("worker %d: %d\n", worker, sum)
		total += sum
	}
	fmt.Println("total:", total)
}
