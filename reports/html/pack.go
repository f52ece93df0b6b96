package html

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
)

// pack are runs in gzip and base64, several to each string: the first pieces of
// all of them, then the second ones, and so on. What gzip can refer to is not
// far away, and so like things must not be either.
type pack []string

// packSize is how much is packed together: enough that stories that resemble
// each other share their words, little enough that one opens at once.
const packSize = 1 << 20

// packer collects runs.
type packer struct {
	boxes [][]drawing
	size  int
}

// add puts a run into the last pack and returns that one's number, from 1.
func (p *packer) add(d drawing) int {
	if len(p.boxes) == 0 || p.size > packSize {
		p.boxes, p.size = append(p.boxes, nil), 0
	}
	last := len(p.boxes) - 1
	p.boxes[last] = append(p.boxes[last], d)
	p.size += d.size()
	return last + 1
}

func (p *packer) pack() (pack, error) {
	packs := make(pack, len(p.boxes))
	errs := make([]error, len(p.boxes))
	each(len(p.boxes), func(i int) { packs[i], errs[i] = squeeze(p.boxes[i]) })
	return packs, errors.Join(errs...)
}

// cut is the character after each piece in a pack, where the page's script cuts
// it again. No recorded text has it: html/template puts another one in its place.
var cut = []byte{0}

// squeeze packs runs.
func squeeze(box []drawing) (string, error) {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	for k := 0; err == nil && k < len(box[0]); k++ {
		for _, d := range box {
			if _, err = zip.Write(d[k]); err == nil {
				_, err = zip.Write(cut)
			}
		}
	}
	if err == nil {
		err = zip.Close()
	}
	if err != nil {
		return "", fmt.Errorf("the stories could not be packed: %w", err)
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), nil
}
