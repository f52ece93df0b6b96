package virtual

import (
	"time"
)

// hash mixes words into one number, the same in every process, which maphash's
// is not: FNV-1a with a finisher, so that neighbours land far apart.
func hash(seed uint64, words ...string) uint64 {
	h := uint64(14695981039346656037) ^ seed*0x9e3779b97f4a7c15
	for _, w := range words {
		for i := range len(w) {
			h = (h ^ uint64(w[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211 // "a","bc" is not "ab","c"
	}
	return finish(h)
}

func finish(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// travel says how long each chunk on a connection takes: a tenth of a
// millisecond and up to two more, to the nanosecond, the same for the same seed,
// connection and place, and hardly ever the same for two others. So no two
// events meet by accident, and it does not matter who drew first.
type travel struct{ base, count uint64 }

func (t *travel) next() time.Duration {
	t.count++
	return 100*time.Microsecond + time.Duration(finish(t.base+t.count*0x9e3779b97f4a7c15)%200_003)
}
