package harness

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/units"
)

// slowPage takes a second to fall asleep.
type slowPage struct {
	environment.Tab
	asleep bool
}

func (p *slowPage) CloseLid() error {
	time.Sleep(time.Second)
	p.asleep = true
	return nil
}

func (p *slowPage) OpenLid() error {
	p.asleep = false
	return nil
}

// A lid that is opened while its pages still fall asleep is open for them in the end.
func TestALidIsOpenedAfterAllPagesHeardThatItIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ana := &Customer{name: "ana", lid: newLid(), stage: &Stage{recorder: environment.NewRecorder(units.Wall, nil)}}
		page := &slowPage{}
		ana.lid.has(page)
		closed := make(chan error)
		go func() { closed <- ana.closesLid() }()
		time.Sleep(time.Second / 2)
		opened := make(chan error)
		go func() { opened <- ana.opensLid() }()
		require.NoError(t, <-closed)
		require.NoError(t, <-opened)
		require.False(t, page.asleep)
	})
}
