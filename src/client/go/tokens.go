package anabranch

import "fmt"

// tokenSource holds the token in use. A function is asked for the first, and again when that one
// ends or is refused. For the loop alone.
type tokenSource struct {
	loop     *queue
	fixed    string
	supplier func() (string, error)

	token         string
	known         bool
	asking        bool
	waiting       []func(string, error)
	refusedBefore bool
}

func (t *tokenSource) renewable() bool { return t.supplier != nil }

// get gives the token to a function, at once or later on the loop.
func (t *tokenSource) get(then func(string, error)) {
	if t.supplier == nil {
		t.token, t.known = t.fixed, true
	}
	if t.known {
		then(t.token, nil)
		return
	}
	t.waiting = append(t.waiting, then)
	if t.asking {
		return
	}
	t.asking = true
	go func() {
		token, err := t.supplier()
		t.loop.post(func() { t.given(token, err) })
	}()
}

func (t *tokenSource) given(token string, err error) {
	if err != nil {
		err = &Error{Code: "no_token", Message: fmt.Sprintf("the token function failed: %v", err)}
	}
	t.asking, t.known = false, err == nil
	if err == nil {
		t.token = token
	}
	waiting := t.waiting
	t.waiting = nil
	for _, then := range waiting {
		then(token, err)
	}
}

func (t *tokenSource) renew(then func(string, error)) {
	t.known = false
	t.get(then)
}

// refused tells whether there is any point in asking for another than this token.
func (t *tokenSource) refused(token string) bool {
	// Two requests may be refused for one token, which then is replaced once.
	if token != t.token || !t.known {
		return true
	}
	if !t.renewable() || t.refusedBefore {
		return false
	}
	t.refusedBefore, t.known = true, false
	return true
}

func (t *tokenSource) accepted() { t.refusedBefore = false }
