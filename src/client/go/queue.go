package anabranch

import "sync"

// queue runs functions one after the other on a goroutine of its own. It never blocks who adds.
type queue struct {
	mu     sync.Mutex
	wake   *sync.Cond
	work   []func()
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.wake = sync.NewCond(&q.mu)
	go q.run()
	return q
}

// post adds a function; once the queue is closed it is not run.
func (q *queue) post(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.work = append(q.work, f)
		q.wake.Signal()
	}
}

// close lets the queue end when it has run what was posted before.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake.Signal()
}

func (q *queue) run() {
	for {
		q.mu.Lock()
		for len(q.work) == 0 && !q.closed {
			q.wake.Wait()
		}
		work := q.work
		q.work = nil
		q.mu.Unlock()
		if work == nil {
			return
		}
		for _, f := range work {
			f()
		}
	}
}
