package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// explorer is one exploration under way.
type explorer struct {
	Config
	own       int // injections of the story itself
	catalogue *catalogue
	clean     Outcome
	began     time.Time
	typical   time.Duration // of one schedule, where real time passes
	side      *pool         // where real time passes
	unharmed  int           // runs that were well, where real time passes
	classes   classes
	stage     func(context.Context) bool // what comes next; nil: nothing
	next      int                        // the place in its order
	later     []item                     // singles that promise less than others
	paired    []item                     // pairs that were listed
	followed  map[int]bool               // singles that an epilogue follows
	waiting   []item                     // schedules with an epilogue whose turn has not come
	draws     int                        // how often a random schedule was drawn
	drawn     map[string]bool            // what was drawn, by its injections: nothing is tried twice

	mu       sync.Mutex
	result   Result
	phase    string
	cells    map[int]*Cell
	tried    map[int]Outcome // singles
	signs    map[string]sameness
	stands   map[meeting]int // the first injection of the pair that is enacted for all such
	broken   []broken
	audited  int
	order    int // how many schedules its order has come to,
	share    int // and how many of these this shard has to try
	dealt    int // to workers
	stopping bool
	err      error
}

// broken is a schedule that broke a promise.
type broken struct {
	item
	outcome Outcome
}

// Explore explores a story. What was found before ctx was done, or before an
// error, it still returns.
func Explore(ctx context.Context, c Config) (Result, error) {
	c.Workers, c.Shard.Of = max(1, c.Workers), max(1, c.Shard.Of)
	c.Shard.I = max(1, c.Shard.I)
	if c.same == nil {
		c.same = sameHistory
	}
	e := &explorer{
		Config: c, own: len(c.Story.Injections), catalogue: newCatalogue(c.Processes, c.Only), began: time.Now(),
		cells: map[int]*Cell{}, tried: map[int]Outcome{}, signs: map[string]sameness{}, stands: map[meeting]int{}, followed: map[int]bool{}, drawn: map[string]bool{},
		result: Result{Story: c.Story.ID, Seed: c.Seed, Without: c.Without, Shards: []int{c.Shard.I}, Of: c.Shard.Of, NoEpilogue: c.NoEpilogue},
	}
	if e.Real != nil {
		e.result.Real, e.side = true, newPool(e)
		e.side.telling = &telling{explorer: e, byShape: map[string]string{}, told: map[string]bool{}}
	}
	e.stage = e.soonestSingles
	if err := e.explore(ctx); err != nil {
		e.stop(ctx, err)
	}
	if e.Real == nil { // else what broke was told in each round
		e.tell(ctx)
	}
	e.result.Interrupted = ctx.Err() != nil
	e.result.Took = time.Since(e.began)
	if e.result.Nothing == "" && e.result.Tally().Explored == 0 {
		e.result.Nothing, e.result.Idle = e.whyNothing()
	}
	for id := range e.cells {
		e.result.Cells = append(e.result.Cells, *e.cells[id])
	}
	e.result.order()
	return e.result, e.err
}

func (e *explorer) explore(ctx context.Context) (err error) {
	first := func(ctx context.Context) (Outcome, error) { return e.enact(ctx, e.trial(nil, 0).whole()) }
	if e.Real != nil {
		first = e.firstRun
	}
	if e.clean, err = first(ctx); err != nil {
		return err
	}
	if e.result.TooSlow != "" {
		return nil
	}
	switch e.clean.Verdict {
	case judge.Kept:
	case judge.Broken:
		e.breaks(broken{item{index: -1}, e.clean})
	case judge.Unfinished:
		return fmt.Errorf("%s cannot be explored, for it could not be staged: %s", e.Story.ID, e.clean.Because)
	default: // whatever is added to what proves nothing, proves nothing
		e.result.Nothing = "the story as it is proves nothing: " + e.clean.Because
		return nil
	}
	e.catalogue.limit(e.clean.Messages)
	if e.Real != nil {
		e.rounds(ctx)
		return nil
	}
	e.levels(ctx)
	return nil
}

// whyNothing says why not one schedule was explored, and whether that is as it
// should be: of few schedules and many shards, some have none.
func (e *explorer) whyNothing() (why string, idle bool) {
	all := e.result.Tally()
	switch {
	case e.err != nil:
		return e.err.Error(), false
	case e.result.TooSlow != "":
		return "the machine was too slow: " + e.result.TooSlow, false
	case e.result.Interrupted:
		return "it was interrupted before a schedule was through", false
	case e.order == 0:
		return "the story has no message that an injection could hit", false
	case e.share == 0 && !e.over():
		return "this shard has none of its schedules to try", true
	case all.Unproven > 0 && (e.few() || e.Space != ""):
		return fmt.Sprintf("of the %d schedules that it was given, none had every injection take effect", all.Unproven+all.Unfinished), true
	case all.Unproven > 0:
		return fmt.Sprintf("of the %d schedules tried, none had every injection take effect", all.Unproven+all.Unfinished), false
	case all.Unfinished > 0:
		return fmt.Sprintf("none of the %d schedules tried could be staged to its end", all.Unfinished), false
	}
	return "its budget was spent before a schedule was through", false
}

// few says whether this exploration was given so few schedules that it need not
// come to anything.
func (e *explorer) few() bool {
	return e.Schedules > 0 && e.Schedules < fewest || e.Shard.Of > 1 && e.share < fewest
}

// run runs a level, and says whether all of it was begun before the budget was used up.
func (e *explorer) run(ctx context.Context, l level, list []item) bool {
	e.mu.Lock()
	e.phase = [...]string{"singles", "pairs", "random"}[l]
	e.mu.Unlock()
	from := e.next
	e.next += len(list)
	for i := range list {
		list[i].index = from + i
	}
	whole := true
	if e.Schedules > 0 && from+len(list) > e.Schedules {
		list, whole = list[:max(0, e.Schedules-from)], false
	}
	for _, it := range list {
		e.order++
		if e.Shard.Has(it.index) && !it.leftOut() {
			e.share++
		}
	}
	if e.Real != nil {
		list = slices.DeleteFunc(slices.Clone(list), func(it item) bool { return it.level != singles && !e.Shard.Has(it.index) })
		return e.side.run(ctx, list) && whole
	}
	work := make(chan item)
	var workers sync.WaitGroup
	for range e.Workers {
		workers.Go(func() {
			for it := range work {
				if err := e.try(ctx, it); err != nil {
					e.stop(ctx, err)
				}
			}
		})
	}
	for _, it := range list {
		if ctx.Err() != nil || e.over() {
			whole = false
			break
		}
		if it.level == singles || e.Shard.Has(it.index) {
			e.dealt++
			work <- it
		}
	}
	close(work)
	workers.Wait()
	return whole
}

// stop ends the exploration; where it was interrupted, that is no error.
func (e *explorer) stop(ctx context.Context, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopping = true
	if ctx.Err() == nil {
		e.err = errors.Join(e.err, err)
	}
}

// fewest is how many schedules are tried in vain before the time may end it: on
// a busy machine, the story as it is may take all there is.
const fewest = 10

// failed says whether there is no use in trying anything else.
func (e *explorer) failed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err != nil
}

func (e *explorer) over() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	some := e.result.Tally().Explored > 0 || e.dealt >= fewest
	some = some && (!e.inPortions() || e.dealt >= leastTried)
	return e.stopping || e.Time > 0 && some && time.Since(e.began) >= e.Time
}
