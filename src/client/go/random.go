package anabranch

import (
	crand "crypto/rand"
	"encoding/hex"
	"math/rand"
	"sync"
)

type lockedRand struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func (r *lockedRand) Int63n(n int64) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rand.Int63n(n)
}

// randomID is 96 bits that nobody guesses.
func randomID() string {
	bytes := make([]byte, 12)
	if _, err := crand.Read(bytes); err != nil {
		panic("anabranch: no random numbers: " + err.Error())
	}
	return hex.EncodeToString(bytes)
}
