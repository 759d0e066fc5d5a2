package main

import (
	"fmt"
	"sync"
)

type job struct{ index, number int }
type result struct {
	index  int
	factor int
}

// smallestFactor returns the number itself when it is prime.
func smallestFactor(number int) int {
	for factor := 2; factor*factor <= number; factor++ {
		if number%factor == 0 {
			return factor
		}
	}
	return number
}

func main() {
	numbers := []int{91, 97, 221, 1001, 7919, 123456789}
	jobs := make(chan job)
	results := make(chan result)

	var workers sync.WaitGroup
	for i := 0; i < 3; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for job := range jobs {
				results <- result{job.index, smallestFactor(job.number)}
			}
		}()
	}
	go func() {
		for index, number := range numbers {
			jobs <- job{index, number}
		}
		close(jobs)
		workers.Wait()
		close(results)
	}()

	factors := make([]int, len(numbers))
	for result := range results {
		factors[result.index] = result.factor
	}
	for index, number := range numbers {
		fmt.Println(number, "has the smallest factor", factors[index])
	}
}
