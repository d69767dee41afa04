package anabranch

import "time"

// silenceWatch watches whether the link that serves still speaks. For the loop alone.
type silenceWatch struct {
	timers *timers
	// onSilent is told when nothing came for two heartbeats, nor after a question.
	onSilent func(link)
}

// watch looks four times a heartbeat.
func (w *silenceWatch) watch(l link) {
	w.timers.cancel("answer")
	w.lookLater(l)
}

func (w *silenceWatch) lookLater(l link) {
	tick := l.base().heartbeat
	if tick > longestTick {
		tick = longestTick
	}
	w.timers.after("watch", tick/4, func() {
		silent := time.Since(l.base().heardAt()) >= l.base().heartbeat
		if silent && !w.timers.has("answer") {
			w.ask(l)
		}
		w.lookLater(l)
	})
}

func (w *silenceWatch) ask(l link) {
	heardAt := l.base().heardAt()
	if l.pingable() {
		l.ping()
	}
	left := time.Until(heardAt.Add(2 * l.base().heartbeat))
	if left < answerWithin {
		left = answerWithin
	}
	w.timers.after("answer", left, func() {
		if !l.base().heardAt().After(heardAt) {
			w.onSilent(l)
		}
	})
}

func (w *silenceWatch) stop() {
	w.timers.cancel("watch")
	w.timers.cancel("answer")
}
