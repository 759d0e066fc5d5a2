package main

import (
	"fmt"
	"time"
)

func main() {
	results := make(chan string)
	for worker := 1; worker <= 3; worker++ {
		go func(worker int) {
			time.Sleep(time.Duration(worker) * 200 * time.Millisecond)
			results <- fmt.Sprintf("worker %d is done", worker)
		}(worker)
	}
	for i := 0; i < 3; i++ {
		fmt.Println(<-results)
	}
}
