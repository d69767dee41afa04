package anabranch

import (
	"context"
	"encoding/json"
	"time"
)

// Publish publishes data as JSON and returns the message's id when the log has it. When ctx ends
// first, it may still be published.
func (h *Hub) Publish(ctx context.Context, channel string, data any, options PublishOptions) (string, error) {
	return h.Begin(channel, data, options).Wait(ctx)
}

// Publishing is a publish under way.
type Publishing struct {
	results <-chan result
}

// Begin is Publish without the wait: messages are published in the order of the calls.
func (h *Hub) Begin(channel string, data any, options PublishOptions) Publishing {
	body, err := json.Marshal(data)
	if err != nil {
		return Publishing{failed(err)}
	}
	if options.Dedup == "" {
		options.Dedup = randomID()
	}
	a := args{"channel": channel, "data": json.RawMessage(body), "dedup": options.Dedup}
	if options.Event != "" {
		a["event"] = options.Event
	}
	return Publishing{h.send("publish", a, true)}
}

// Wait returns the message's id when the log has it; it may be called once.
func (p Publishing) Wait(ctx context.Context) (string, error) {
	var answer struct{ ID string }
	err := wait(ctx, p.results, &answer)
	return answer.ID, err
}

// History gives a page of a channel's past.
func (h *Hub) History(ctx context.Context, channel string, options HistoryOptions) (Page, error) {
	var page Page
	err := h.ask(ctx, "history", historyArgs(channel, options), true, &page)
	return withEvents(page), err
}

func historyArgs(channel string, options HistoryOptions) args {
	a := args{"channel": channel}
	if options.After != "" {
		a["after"] = options.After
	}
	if options.Before != "" {
		a["before"] = options.Before
	}
	if options.Limit != 0 {
		a["limit"] = options.Limit
	}
	return a
}

func withEvents(page Page) Page {
	for i := range page.Messages {
		if page.Messages[i].Event == "" {
			page.Messages[i].Event = "message"
		}
	}
	return page
}

// Presence tells who is on a channel.
func (h *Hub) Presence(ctx context.Context, channel string) (Presence, error) {
	var presence Presence
	err := h.ask(ctx, "presence", args{"channel": channel}, true, &presence)
	return presence, err
}

// Call asks a service behind the hub, and reads its JSON answer into answer. It is never repeated:
// nobody knows whether it ran twice.
func (h *Hub) Call(ctx context.Context, service string, data, answer any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	var reply struct{ Data json.RawMessage }
	a := args{"service": service, "data": json.RawMessage(body)}
	if err := h.ask(ctx, "call", a, false, &reply); err != nil || answer == nil || reply.Data == nil {
		return err
	}
	return json.Unmarshal(reply.Data, answer)
}

// result is the answer to a request, or why there is none.
type result struct {
	text json.RawMessage
	err  error
}

func failed(err error) <-chan result {
	results := make(chan result, 1)
	results <- result{err: err}
	return results
}

// ask waits for the answer to a request, which it reads into answer.
func (h *Hub) ask(ctx context.Context, op string, a args, repeat bool, answer any) error {
	return wait(ctx, h.send(op, a, repeat), answer)
}

func (h *Hub) send(op string, a args, repeat bool) <-chan result {
	results := make(chan result, 1)
	done := func(text json.RawMessage, err error) { results <- result{text, err} }
	h.loop.post(func() { h.outbox.add(&entry{op: op, args: a, repeat: repeat, done: done}) })
	return results
}

func wait(ctx context.Context, results <-chan result, answer any) error {
	select {
	case got := <-results:
		if got.err != nil {
			return got.err
		}
		return json.Unmarshal(got.text, answer)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// patientHistory fills a hole: it waits for a connection, and asks again where that may help.
func (h *Hub) patientHistory(channel, after string, then func(Page, error)) {
	h.historyAttempt(channel, after, 0, then)
}

func (h *Hub) historyAttempt(channel, after string, attempt int, then func(Page, error)) {
	h.connection.whenOpen(func(err error) {
		if err != nil {
			then(Page{}, err)
			return
		}
		a := historyArgs(channel, HistoryOptions{After: after, Limit: 1000})
		h.outbox.add(&entry{op: "history", args: a, repeat: true, done: func(text json.RawMessage, err error) {
			var page Page
			if err == nil {
				err = json.Unmarshal(text, &page)
			}
			if err == nil {
				then(withEvents(page), nil)
				return
			}
			failure := asError(err)
			passing := failure.Status == 0 || failure.Status == 429 || failure.Status >= 500
			if attempt == 4 || !passing {
				then(page, failure)
				return
			}
			time.AfterFunc(failure.RetryAfter+reconnect.wait(attempt), func() {
				h.loop.post(func() { h.historyAttempt(channel, after, attempt+1, then) })
			})
		}})
	})
}
