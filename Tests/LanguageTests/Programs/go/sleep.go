package main

import (
	"fmt"
	"time"
)

func main() {
	time.Sleep(200 * time.Millisecond)
	fmt.Println("awake")
}
