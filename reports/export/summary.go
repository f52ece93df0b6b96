package export

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/reports/model"
)

// GitHub drops the summary of a step whole where it has more than 1 MiB.
const longestSummary = 900 << 10

// toldInFull is how many failing runs the summary shows with their money and
// their messages.
const toldInFull = 10

// Summary tells the runs in Markdown, for the page of a job: how many stand
// where, what changed since the baseline, and of the worst what happened to the
// customer, her money, and who said what to whom. It is pure, has at most 900 KB,
// and nothing that was recorded can be more than text in it.
func Summary(runs []*judge.Run, about model.About) []byte {
	s := summary{}
	failing := failures(runs)
	changes := model.Changes{}
	if about.Baseline != nil {
		changes = model.Compare(about.Baseline, runs)
	}
	s.add(headline(runs, about, changes))
	if part := skippedPart(about.Skipped); len(part) < longestSummary/10 {
		s.tail = part
	}
	for i, r := range failing {
		text := rowOf(r, changes)
		if i < toldInFull {
			text = chapter(r, changes)
		}
		if !s.add(text) {
			s.add(fmt.Sprintf("\n… and %d more: see the report.\n", len(failing)-i))
			break
		}
		if i == toldInFull-1 && len(failing) > toldInFull {
			s.add(fmt.Sprintf("### %d more\n\n", len(failing)-toldInFull))
		}
	}
	return []byte(s.out.String() + s.tail)
}

// summary is one half written.
type summary struct {
	out  strings.Builder
	tail string
}

// add writes the text unless it would become too long: room for a last sentence
// is kept.
func (s *summary) add(text string) bool {
	const lastSentence = 200
	if s.out.Len()+len(text)+len(s.tail)+lastSentence > longestSummary {
		return false
	}
	s.out.WriteString(text)
	return true
}

// failures are the runs that are not as they should be, the worst first.
func failures(runs []*judge.Run) []*judge.Run {
	list := slices.DeleteFunc(model.Copies(runs), (*judge.Run).Good)
	slices.SortStableFunc(list, func(a, b *judge.Run) int { return model.StandingOf(a).Rank - model.StandingOf(b).Rank })
	return list
}

func headline(runs []*judge.Run, about model.About, changes model.Changes) string {
	title := about.Heading()
	if about.Commit != "" {
		title += " · " + model.Truncate(about.Commit, 60)
	}
	var all []*model.Told
	shown := map[string]bool{}
	for _, r := range model.Copies(runs) {
		t := model.Tell(r)
		all = append(all, t)
		if t.Standing == model.Reproduced {
			shown[r.Story] = true
		}
	}
	tales := model.TalesOf(all)
	var words []string
	for _, c := range append(model.Counts(tales), model.Count{Standing: model.Reproduced, N: len(shown)}) {
		if c.N > 0 {
			words = append(words, fmt.Sprintf("%s %d %s", icons[c.Standing], c.N, c.Word))
		}
	}
	for _, sum := range model.Overcharged(tales) {
		words = append(words, markdown(sum+" overcharged"))
	}
	if len(runs) == 0 {
		words = append(words, "Nothing was staged.")
	}
	if about.Baseline != nil {
		words = append(words, "vs last: "+changes.Headline())
	}
	return "## " + markdown(title) + "\n\n" + strings.Join(words, " · ") + "\n\n"
}

var icons = map[model.Standing]string{model.Broke: "✖", model.Missed: "✖", model.Unfinished: "!", model.Unproven: "?", model.Kept: "✔", model.Reproduced: "✔"}

// titleOf is a failing run in a few words.
func titleOf(r *judge.Run, changes model.Changes) string {
	s := model.StandingOf(r)
	text := fmt.Sprintf("%s %s %s", icons[s], s.Word, markdown(r.Story+" ("+junitName(r)+")"))
	if slices.ContainsFunc(changes.Broken, func(c model.Change) bool { return c.ID() == r.ID }) {
		text += " · NEW"
	}
	return text
}

func rowOf(r *judge.Run, changes model.Changes) string {
	return "- " + titleOf(r, changes) + ": " + markdown(model.Truncate(r.Sentence(), 300)) + "\n"
}

func chapter(r *judge.Run, changes model.Changes) string {
	var out strings.Builder
	fmt.Fprintf(&out, "### %s\n\n**%s**\n\n", titleOf(r, changes), markdown(model.Truncate(r.Sentence(), 1000)))
	if r.Mismatch != "" {
		fmt.Fprintf(&out, "The complaint did not come true to the letter: %s\n\n", markdown(model.Truncate(r.Mismatch, 300)))
	}
	for _, ruling := range r.Rulings {
		if ruling.Verdict != judge.Kept {
			fmt.Fprintf(&out, "- %s %s: %s\n", markdown(string(ruling.Verdict)), markdown(ruling.Promise), markdown(model.Truncate(ruling.Because, 500)))
		}
	}
	out.WriteString("\n" + moneyTable(r))
	if len(r.History) > 0 {
		fmt.Fprintf(&out, "```mermaid\n%s```\n\n", Sequence(r))
	}
	if r.Replay != "" {
		text := model.Truncate(oneLine(r.Replay), 2000)
		fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
		fmt.Fprintf(&out, "%ssh\n%s\n%s\n\n", fence, text, fence)
	}
	return out.String()
}

// mostMoney is how many lines of the ledger are shown.
const mostMoney = 40

func moneyTable(r *judge.Run) string {
	var out strings.Builder
	n := 0
	charged := map[string]judge.Amounts{} // by basket
	for _, e := range r.History {
		if e.Kind != observe.Money {
			continue
		}
		if n++; n == 1 {
			out.WriteString("| at | reference | key | what | amount | charged so far |\n|---|---|---|---|---|---|\n")
		}
		basket := r.OwnerOf(e.Entry)
		if e.Entry.Op == observe.MoneyCaptured {
			if charged[basket] == nil {
				charged[basket] = judge.Amounts{}
			}
			charged[basket][e.Entry.Currency] += e.Entry.Amount
		}
		if n > mostMoney {
			continue
		}
		for _, cell := range []string{
			units.FormatDuration(e.At), e.Entry.Reference, e.Entry.Key, string(e.Entry.Op),
			units.Price(e.Entry.Amount, e.Entry.Currency), units.Price(charged[basket][e.Entry.Currency], e.Entry.Currency),
		} {
			out.WriteString("| " + markdown(model.Truncate(cell, 80)) + " ")
		}
		out.WriteString("|\n")
	}
	switch {
	case n == 0:
		return "No money moved.\n\n"
	case n > mostMoney:
		fmt.Fprintf(&out, "\n… and %d more lines of the ledger.\n", n-mostMoney)
	}
	return out.String() + "\n"
}

func skippedPart(list []model.Skip) string {
	if len(list) == 0 {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "<details><summary>Not run: %d</summary>\n\n", len(list))
	for _, s := range list {
		fmt.Fprintf(&out, "- %s: %s\n", markdown(model.Truncate(s.Name, 200)), markdown(model.Truncate(s.Reason, 200)))
	}
	out.WriteString("\n</details>\n\n")
	return out.String()
}

// markdown writes recorded text so that Markdown and HTML see no syntax in it: a
// character written by its number is never markup, link, mention or emoji.
func markdown(text string) string {
	var out strings.Builder
	letters := []rune(oneLine(text))
	for i, r := range letters {
		switch {
		case r == ':' && i+1 < len(letters) && letters[i+1] == ' ': // neither an address nor an emoji
			out.WriteRune(r)
		case r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r)) && !strings.ContainsRune(".,()/-?%=\"'", r):
			fmt.Fprintf(&out, "&#%d;", r)
		default:
			out.WriteRune(r)
		}
	}
	// At the beginning of a line these would make a list or a rule; within one,
	// “www.” would make a link.
	escaped := out.String()
	if escaped != "" && strings.ContainsRune("-=", rune(escaped[0])) {
		escaped = fmt.Sprintf("&#%d;", escaped[0]) + escaped[1:]
	}
	return linking.Replace(escaped)
}

var linking = strings.NewReplacer("www.", "www&#46;", "WWW.", "WWW&#46;", "Www.", "Www&#46;")

// longestRun is how often c stands in the text in a row, at most.
func longestRun(text string, c rune) (most int) {
	n := 0
	for _, r := range text {
		if n++; r != c {
			n = 0
		}
		most = max(most, n)
	}
	return most
}
