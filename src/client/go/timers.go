package anabranch

import "time"

// timers has one timer per name: a new one replaces the old. For the loop alone.
type timers struct {
	loop   *queue
	byName map[string]*time.Timer
	closed bool
}

func newTimers(loop *queue) *timers {
	return &timers{loop: loop, byName: map[string]*time.Timer{}}
}

func (t *timers) after(name string, delay time.Duration, action func()) {
	t.cancel(name)
	// A listener may have closed everything in the middle of a change.
	if t.closed {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(delay, func() {
		t.loop.post(func() {
			// It may have been replaced on its way here.
			if t.byName[name] == timer {
				delete(t.byName, name)
				action()
			}
		})
	})
	t.byName[name] = timer
}

func (t *timers) has(name string) bool { return t.byName[name] != nil }

func (t *timers) cancel(name string) {
	if timer := t.byName[name]; timer != nil {
		timer.Stop()
		delete(t.byName, name)
	}
}

// close cancels all; none is set any more.
func (t *timers) close() {
	t.closed = true
	for name := range t.byName {
		t.cancel(name)
	}
}
