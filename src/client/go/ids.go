package anabranch

import (
	"regexp"
	"strconv"
	"strings"
)

var idGrammar = regexp.MustCompile(`^[a-z0-9]{4,8}-\d{1,18}$`)

func splitID(id string) (epoch string, seq int64) {
	epoch, digits, _ := strings.Cut(id, "-")
	seq, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		seq = 0
	}
	return epoch, seq
}

func epochOf(id string) string {
	epoch, _ := splitID(id)
	return epoch
}

// isLater tells whether id lies behind other. Another epoch does: it begins when the past is lost.
func isLater(id, other string) bool {
	if other == "" {
		return true
	}
	epoch, seq := splitID(id)
	otherEpoch, otherSeq := splitID(other)
	return epoch != otherEpoch || seq > otherSeq
}

func earliest(ids []string) string {
	first := ids[0]
	for _, id := range ids[1:] {
		if !isLater(id, first) {
			first = id
		}
	}
	return first
}
