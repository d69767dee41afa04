// Command scenarios does with the client what lines on standard input say, and tells what it hears
// (see ClientProcess.java).
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"sync"
	"time"

	"anabranch.io/anabranch"
)

type object map[string]any

type command struct {
	Ref        int
	Do         string
	Hub        string
	URL        string
	Tokens     []string
	Fixed      bool
	Transports []anabranch.Transport
	Sub        string
	Channel    string
	Service    string
	Data       json.RawMessage
	Conflate   int
	Options    struct {
		After    string
		Last     int
		Conflate int
		Dedup    string
		Limit    int
	}
}

var out sync.Mutex

func say(line object) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	out.Lock()
	defer out.Unlock()
	os.Stdout.Write(append(text, '\n'))
}

func failure(err error) object {
	var refused *anabranch.Error
	if !errors.As(err, &refused) {
		return object{"status": -1, "message": err.Error()}
	}
	return object{"status": refused.Status, "code": refused.Code, "message": refused.Message, "channel": refused.Channel}
}

type client struct {
	name          string
	hub           *anabranch.Hub
	mu            sync.Mutex
	asked         int
	subscriptions map[string]*anabranch.Subscription
}

func connect(c command) (*client, error) {
	made := &client{name: c.Hub, subscriptions: map[string]*anabranch.Subscription{}}
	options := anabranch.Options{Transports: c.Transports, TokenFunc: func() (string, error) {
		made.mu.Lock()
		defer made.mu.Unlock()
		next := made.asked
		made.asked++
		if next >= len(c.Tokens) {
			next = len(c.Tokens) - 1
		}
		return c.Tokens[next], nil
	}}
	if c.Fixed {
		options.Token, options.TokenFunc = c.Tokens[0], nil
	}
	hub, err := anabranch.Connect(c.URL, options)
	if err != nil {
		return nil, err
	}
	made.hub = hub
	hub.OnState(func(state anabranch.State) { made.tell("state", state) })
	hub.OnTransport(func(kind anabranch.Transport) { made.tell("transport", orNull(string(kind))) })
	hub.OnGap(func(gap anabranch.Gap) { made.tell("gap", gap) })
	hub.OnNews(func(news anabranch.News) {
		made.tell(news.Type, object{"channel": news.Channel, "user": news.Member.User})
	})
	hub.OnError(func(err error) { made.tell("error", failure(err)) })
	return made, nil
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (c *client) tell(event string, value any) {
	say(object{"hub": c.name, "event": event, "value": value})
}

func (c *client) subscribe(do command) (any, error) {
	options := anabranch.SubscribeOptions{
		After: do.Options.After, Last: do.Options.Last,
		Conflate: time.Duration(do.Options.Conflate) * time.Millisecond,
	}
	subscription, err := c.hub.Subscribe(do.Channel, func(m anabranch.Message) {
		say(object{"hub": c.name, "event": "message", "sub": do.Sub, "value": m})
	}, options)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subscriptions[do.Sub] = subscription
	return object{}, nil
}

func (c *client) look(sub string) object {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := object{"state": c.hub.State(), "transport": orNull(string(c.hub.Transport())), "tokens": c.asked}
	if subscription := c.subscriptions[sub]; subscription != nil {
		seen["cursor"], seen["closed"] = orNull(subscription.Cursor()), subscription.Closed()
	}
	return seen
}

func (c *client) act(do command) (any, error) {
	ctx := context.Background()
	switch do.Do {
	case "update":
		c.mu.Lock()
		defer c.mu.Unlock()
		c.subscriptions[do.Sub].Update(time.Duration(do.Conflate) * time.Millisecond)
		return object{}, nil
	case "look":
		return c.look(do.Sub), nil
	case "history":
		return c.hub.History(ctx, do.Channel, anabranch.HistoryOptions{Limit: do.Options.Limit})
	case "presence":
		return c.hub.Presence(ctx, do.Channel)
	case "call":
		var data any
		err := c.hub.Call(ctx, do.Service, do.Data, &data)
		return object{"data": data}, err
	case "close":
		c.hub.Close()
		return object{}, nil
	default:
		return nil, errors.New("no such command: " + do.Do)
	}
}

// answer says what came of a command.
func answer(do command, value any, err error) {
	if err != nil {
		say(object{"ref": do.Ref, "error": failure(err)})
	} else {
		say(object{"ref": do.Ref, "ok": value})
	}
}

func main() {
	clients := map[string]*client{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var do command
		if err := json.Unmarshal(lines.Bytes(), &do); err != nil {
			panic(err)
		}
		c := clients[do.Hub]
		switch do.Do {
		case "connect":
			made, err := connect(do)
			clients[do.Hub] = made
			answer(do, object{}, err)
		case "subscribe":
			value, err := c.subscribe(do)
			answer(do, value, err)
		case "publish":
			// Begun here, as the order of the calls is the order of the messages.
			publishing := c.hub.Begin(do.Channel, do.Data, anabranch.PublishOptions{Dedup: do.Options.Dedup})
			go func() {
				id, err := publishing.Wait(context.Background())
				answer(do, object{"id": id}, err)
			}()
		default:
			go func() {
				value, err := c.act(do)
				answer(do, value, err)
			}()
		}
	}
}
