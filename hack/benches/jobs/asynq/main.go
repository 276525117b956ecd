// Asynq, for hack/bench jobs: asynq work PORT CONCURRENCY COUNT | asynq add PORT COUNT RATE
// work ends after COUNT jobs and prints the 99th percentile of their waits in milliseconds.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hibiken/asynq"
)

func number(at int) int {
	value, err := strconv.Atoi(os.Args[at])
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func add(redis asynq.RedisClientOpt, count, rate int) {
	client := asynq.NewClient(redis)
	defer client.Close()
	var group sync.WaitGroup
	began := time.Now()
	for lane := range 32 {
		group.Add(1)
		go func() {
			defer group.Done()
			for at := lane; at < count; at += 32 {
				if rate > 0 {
					time.Sleep(time.Until(began.Add(time.Duration(at) * time.Second / time.Duration(rate))))
				}
				payload := strconv.FormatInt(time.Now().UnixMicro(), 10)
				if _, err := client.Enqueue(asynq.NewTask("x", []byte(payload))); err != nil {
					log.Fatal(err)
				}
			}
		}()
	}
	group.Wait()
}

func work(redis asynq.RedisClientOpt, concurrency, count int) {
	var lock sync.Mutex
	waits := make([]int64, 0, count)
	done := make(chan struct{})
	mux := asynq.NewServeMux()
	mux.HandleFunc("x", func(_ context.Context, task *asynq.Task) error {
		added, _ := strconv.ParseInt(string(task.Payload()), 10, 64)
		lock.Lock()
		waits = append(waits, time.Now().UnixMicro()-added)
		if len(waits) == count {
			close(done)
		}
		lock.Unlock()
		return nil
	})
	server := asynq.NewServer(redis, asynq.Config{Concurrency: concurrency, LogLevel: asynq.ErrorLevel})
	if err := server.Start(mux); err != nil {
		log.Fatal(err)
	}
	<-done
	server.Shutdown() // the last job is done when Redis knows it
	waits = waits[min(1000, len(waits)/2):] // while programs warm up
	slices.Sort(waits)
	fmt.Printf("%.1f\n", float64(waits[len(waits)*99/100])/1000)
}

func main() {
	redis := asynq.RedisClientOpt{Addr: "127.0.0.1:" + os.Args[2]}
	if os.Args[1] == "add" {
		add(redis, number(3), number(4))
	} else {
		work(redis, number(3), number(4))
	}
}
