package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
)

func main() {
	http.HandleFunc("/square", func(w http.ResponseWriter, r *http.Request) {
		var number int
		if _, err := fmt.Sscan(r.URL.Query().Get("n"), &number); err != nil {
			http.Error(w, "n has to be a number", http.StatusBadRequest)
			return
		}
		json.NewEncoder(w).Encode(map[string]int{"number": number, "square": number * number})
	})

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(listener, nil)

	for _, query := range []string{"n=12", "n=twelve"} {
		answer, err := http.Get("http://" + listener.Addr().String() + "/square?" + query)
		if err != nil {
			log.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		fmt.Printf("%s: %s %s", query, answer.Status, body)
	}
}
