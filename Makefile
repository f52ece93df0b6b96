# Unhappy Path. “make help” lists what there is.
SHELL := bash
GO ?= go
REPORT := $(abspath $(or $(UNHAPPY_REPORT),reports/out))
# What a program says of itself: “go test -c” does not stamp it.
STAMP = -X github.com/unhappypath/unhappypath/harness/settings.commit=$(shell git rev-parse HEAD 2>/dev/null) \
	-X github.com/unhappypath/unhappypath/harness/settings.toxiproxy=$(shell $(GO) list -m -f '{{.Version}}' github.com/Shopify/toxiproxy/v2)

# At the wall clock the case takes its true minutes.
TIMEOUT := $(if $(filter wall,$(UNHAPPY_CLOCK)),55m,9m)

# The packages in whose tests real time passes, and those in which the race detector has nothing to find.
TIMED := /harness/(tap|wire|virtual)|/fakes/customer|/scenarios/(kills|load|target)
PLAIN := unhappypath/unhappypath$$|/reports$$|/harness/cmd/unhappypath$$|/scenarios/defects$$
# Tests that have a target of their own: slow, guide.
APART := WhatIsLeftOut|LeaveNothingBehind|TenMinutes|TheGuideIsGreen|ExampleModule|FromMemory|MakeStories
# Tests for which the race detector is too slow: handlers that are started hundreds of times.
HANDLERS := TwoPartial|OfAdyens|EachFlaw|OneEvent|ARestartForgets|GuidesHandler
# What of the scenarios is run with the race detector: all else there starts suites, and shops.
RACED := ^(TestScenarios|TestExploration)$$
# With SQLite under the race detector, tests take three times as long. It is left out of this one
# package alone: others share instances of generic code with the whole program, and the linker may
# choose the one without the detector, which then reports races that are none.
RACE := -race -gcflags=modernc.org/sqlite/lib=-race=false
# A slower clock for tests with the race detector, which makes the shop several times slower.
SLOWER := UNHAPPY_CLOCK=$(or $(UNHAPPY_CLOCK),25)

# The suite, linked once for all that runs it here without the race detector.
SUITE = $(CURDIR)/dist/scenarios.test
LINK = mkdir -p dist && $(GO) test -c -o $(SUITE) ./scenarios
STAGE = $(SUITE) -test.count=1

# A make within make does as many things at once as its own line says.
ALONE = MAKEFLAGS="$(filter-out -j% --jobserver%,$(MAKEFLAGS))"

.PHONY: help link stories explore defects targets matrix test deps check lint unit timely timed computed worlds suite suites handlers wire own-shop other-shops others verdicts postgres stripe adyen determinism endurance soak bench slow scripts guide dist load kills oracle fuzz noise sdks pairs samples clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

stories: ## stage the three customers' stories; needs Go, and nothing else
	@echo "building the suite; the first time, this takes a minute"
	@$(LINK) && cd scenarios && $(STAGE) -test.run '^TestScenarios$$' -test.timeout $(TIMEOUT)

explore: dist ## look for failures that nobody wrote down; BUDGET=60s, or a number of schedules; RESUME=1 goes on where the last one stopped
	@cd scenarios && UNHAPPY_BUDGET=$(or $(BUDGET),60s) UNHAPPY_RESUME=$(RESUME) ../dist/unhappypath-scenarios -test.run '^TestExploration$$' -test.timeout 0

matrix: dist ## switch off one safeguard after the other: who becomes unhappy, and how
	@$(GO) run ./scenarios/matrix -suite dist/unhappypath-scenarios -out $(REPORT)

defects: ## build the shop with each known defect, and see that exploring it catches them all
	@mkdir -p $(REPORT) && $(GO) run ./scenarios/defects -out $(REPORT)/defects.json

targets: ## explore the sample shops with each listed defect (found), and with its harmless twin (left alone); TARGETS='-only name', or -directed for the listed schedules alone
	@$(GO) run ./scenarios/targets $(TARGETS)

# “check” vets all packages, so that tests need not, and nobody debugs what they link.
test: export GOFLAGS := $(strip $(GOFLAGS) -vet=off -ldflags=-w)
test: deps check ## everything: format, vet, lint, tests with the race detector, stories, PostgreSQL, Chromium
	@$(MAKE) --no-print-directory link
	@$(MAKE) --no-print-directory -j2 quiet-computed timely

link: # the suite, for what runs side by side
	@$(LINK)

timely: # what passes in real time, and waits more than it computes: on a slow clock first, then on a quicker one
	@$(ALONE) $(MAKE) --no-print-directory -j3 quiet-suites quiet-timed quiet-handlers
	@$(ALONE) $(MAKE) --no-print-directory -j4 own-shop quiet-other-shops quiet-worlds quiet-others BESIDE=50

# quiet-TARGET makes TARGET, one thing after the other, and tells of it when it is over.
quiet-%:
	@log=$$(mktemp); trap 'rm -f "$$log"' EXIT; $(ALONE) $(MAKE) --no-print-directory $* >"$$log" 2>&1; code=$$?; cat "$$log"; exit $$code

suites: suite verdicts # the suite as people call it, in real time

others: postgres stripe adyen # the stories with other books, and other providers

# Beside so much else, stories keep up with half of their usual clock.
own-shop others: export UNHAPPY_CLOCK := $(or $(UNHAPPY_CLOCK),$(BESIDE))

computed: # what only computes, and lets anything that waits for a time have the processor first
	@if chrt -i 0 true 2>/dev/null; then idly="chrt -i 0"; else idly="nice -n 19"; fi; $$idly $(MAKE) --no-print-directory unit slow lint

deps: ## install what the full test needs beyond Go, where that is allowed without asking
	@.ci/deps

check: ## format, modules, vet
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	$(GO) mod verify >/dev/null
	$(GO) mod tidy -diff
	$(GO) vet ./...

lint: ## staticcheck
	$(GO) tool staticcheck ./...

unit: ## tests that only compute, side by side, with the race detector
	@# Without it: tests that read sources, pages in a browser, or what processes of their own
	@# print. Whatever writes a report at once with others is run with the detector by the suite.
	$(GO) test $(RACE) -short -count=1 -timeout 20m $$($(GO) list ./... | grep -vE '$(TIMED)|$(PLAIN)|/worldtest|/scenarios(/compose|/webhooks)?$$')
	UNHAPPY_WORLD=virtual UNHAPPY_REPORT=$(REPORT)/raced $(GO) test $(RACE) -count=1 -timeout 20m -run '$(RACED)' ./scenarios
	@# The race detector makes whole explorations five times slower: -short leaves them out above.
	$(GO) test -count=1 -timeout 20m $$($(GO) list ./... | grep -E '$(PLAIN)|/harness/explore$$')

timed: # tests in which real time passes, one package after the other
	$(SLOWER) $(GO) test $(RACE) -count=1 -p 1 -timeout 9m -skip '$(APART)' $$($(GO) list ./... | grep -E '$(TIMED)|/scenarios/compose$$')

worlds: # the table of both worlds compares times: the race detector would be in its way
	$(GO) test -count=1 -timeout 8m ./harness/worldtest

suite: # the suite as people call it, and the case stories on the wire with the race detector
	@$(LINK)
	cd scenarios && $(SLOWER) $(STAGE) -test.timeout 9m -test.skip '$(RACED)'
	$(SLOWER) UNHAPPY_WORLD=wire UNHAPPY_REPORT=$(REPORT)/raced-wire $(GO) test $(RACE) -count=1 -timeout 9m -run '^TestScenarios$$' ./scenarios -ginkgo.label-filter='case && !variant'

handlers: # handlers of webhooks, and flawed ones, each started hundreds of times, which may take longer
	nice -n 10 $(GO) test $(RACE) -count=1 -timeout 9m -parallel 8 -skip '$(HANDLERS)' ./scenarios/webhooks
	nice -n 10 $(GO) test -count=1 -timeout 9m -parallel 8 -run '$(HANDLERS)' ./scenarios/webhooks

wire: ## every story on the wire: variants, a real browser, shops in other languages, hostile ones
	@$(MAKE) --no-print-directory own-shop other-shops

own-shop: # the stories of the reference checkout, on the wire
	@$(LINK) && cd scenarios && UNHAPPY_WORLD=wire $(STAGE) -test.run '^TestScenarios$$' -test.timeout $(TIMEOUT) -ginkgo.label-filter='!target'

other-shops: # shops in other languages, and hostile ones
	@$(LINK) && cd scenarios && UNHAPPY_WORLD=wire UNHAPPY_REPORT=$(REPORT)/shops $(STAGE) -test.run '^TestScenarios$$|SampleShop|Hostile|MakesUnhappy|TellsWhat' -test.timeout $(TIMEOUT) -ginkgo.label-filter=target

stripe: ## the stories with the shop paid by Stripe
	@$(LINK) && cd scenarios && UNHAPPY_PROVIDER=stripe UNHAPPY_REPORT=$(REPORT)/stripe $(STAGE) -test.run '^TestScenarios$$' -test.timeout 9m

adyen: ## the stories with the shop paid by Adyen Checkout, which tells by webhooks alone what a capture came to
	@$(LINK) && cd scenarios && UNHAPPY_PROVIDER=adyen UNHAPPY_WORLD=$(or $(UNHAPPY_WORLD),virtual) UNHAPPY_REPORT=$(REPORT)/adyen $(STAGE) -test.run '^TestScenarios$$' -test.timeout 9m

verdicts: ## small shops with one fault each, and good ones that look odd: each gets its right verdict
	@$(LINK) && cd scenarios && UNHAPPY_WORLD=wire $(STAGE) -test.run ShopsGetTheirVerdicts -test.parallel 5 -test.timeout $(TIMEOUT)

postgres: ## the stories with the shop's books in PostgreSQL, and complaints of the case; FOCUS=. for all of them, and Chromium
	@if command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then \
		$(LINK) && cd scenarios && UNHAPPY_WORLD=wire UNHAPPY_DB=postgres UNHAPPY_REPORT=$(REPORT)/postgres $(STAGE) -test.run '^TestScenarios$$' -test.timeout 9m -ginkgo.focus='$(or $(FOCUS),is kept|customer-)' $(if $(FOCUS),,-ginkgo.label-filter='!browser'); \
	elif [ "$$CI" = true ]; then echo "PostgreSQL is missing, and with CI=true that is a failure"; exit 1; \
	else echo "SKIPPED: the stories on PostgreSQL; install it with: apt-get install postgresql (or: brew install postgresql)"; fi

determinism: ## 1,000 seeds, five replays each, on one processor and on two, and 20 of every story: one seed is one history
	SEEDS=$(or $(SEEDS),1000) $(GO) test -count=1 -v -timeout 60m -run TestOneSeedIsOneHistory ./scenarios/compose
	SEEDS=$(or $(STORY_SEEDS),20) $(GO) test -count=1 -timeout 60m -run TestEveryStorysSeedIsOneHistory ./scenarios
	SEEDS=$(or $(RACE_SEEDS),100) $(GO) test $(RACE) -count=1 -v -timeout 60m -run TestOneSeedIsOneHistory ./scenarios/compose

endurance: ## 100,000 stories in one process: memory and goroutines stay where they were
	STORIES=$(or $(STORIES),100000) $(GO) test -count=1 -v -timeout 60m -run TestStoriesLeaveNothingBehind ./scenarios/compose

soak: ## 50 rounds of the case stories beside four busy processes: any flaky one is a failure
	@for i in 1 2 3 4; do (while :; do :; done) & hogs="$$hogs $$!"; done; trap "kill $$hogs" EXIT; \
	cd scenarios && UNHAPPY_WORLD=wire UNHAPPY_ROUNDS=$(or $(ROUNDS),50) UNHAPPY_REPORT=reports/out/soak \
		$(GO) test -count=1 -run '^TestScenarios$$' -timeout 60m -ginkgo.label-filter='case && !variant' -ginkgo.timeout=55m | grep -vE '^(•|✔|    )'; \
	exit $${PIPESTATUS[0]}

bench: ## stories a second, what a hop costs, how fast a world starts, how fast a killed shop is back (for benchstat)
	$(GO) test -run '^$$' -bench . -benchmem -count 5 ./scenarios/compose ./scenarios ./harness/tap ./reports

fuzz: ## every decoder for FUZZ=30s each
	@for package in $$($(GO) list ./...); do for name in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
		$(GO) test -run '^$$' -fuzz "^$$name$$" -fuzzminimizetime 10x -fuzztime $(or $(FUZZ),30s) $$package || exit 1; done; done

oracle: dist ## compare stories, defects and sample shops with what was recorded of them; PARTS=virtual,wire,defects,samples,shops
	@$(GO) run ./scenarios/oracle -suite "$(CURDIR)/dist/unhappypath-scenarios" -seeds $(or $(SEEDS),50) $(if $(PARTS),-parts $(PARTS))

slow: ## what the race detector is too slow for: a gigabyte of record, the example module's own commands, audited pairs; what a story costs
	@$(LINK)
	cd scenarios && SEEDS=1 $(STAGE) -test.timeout 9m -test.run EveryStorysSeed
	$(GO) test -count=1 -timeout 9m -run 'Gigabyte|LineWithoutAnEnd|ExampleModule|FromMemory|MakeStories' ./harness/record ./scenarios/target
	@# With what a story in virtual time takes, in bytes and allocations: see docs/speed.md.
	$(GO) test -count=1 -timeout 9m -run 'WhatIsLeftOut|LeaveNothingBehind' -bench VirtualStories -benchtime 200x -benchmem ./scenarios/compose

scripts: ## every page that pays by the provider's own script, in Chromium
	SCRIPTS=all $(GO) test -count=1 -timeout 20m -v -run ByTheProvidersScript ./scenarios/compose

guide: ## the guide's own commands, from an empty folder, at a naive shop and at each mended one
	$(GO) test -count=1 -timeout 30m -v -run 'TenMinutes|TheGuideIsGreen' ./scenarios/target

dist: ## build the tool, and the suite with its stories inside: neither needs Go to run
	@echo "building the tool and the suite; the first time, this takes a minute"; mkdir -p dist
	@$(GO) build -ldflags '$(STAMP)' -o dist/unhappypath ./harness/cmd/unhappypath && echo dist/unhappypath
	@$(GO) test -c -ldflags '$(STAMP)' -o dist/unhappypath-scenarios ./scenarios && echo dist/unhappypath-scenarios

load: ## 2,000 orders, three submits each, through losses and kills, then an audit of the books
	$(GO) run ./scenarios/load
	$(GO) run ./scenarios/load -database postgres
	$(GO) run ./scenarios/load -without one-payment -expect-failure

kills: ## kill the shop at every message of a purchase, before and after it, with both databases
	UNHAPPY_DB=sqlite $(GO) run ./scenarios/kills
	UNHAPPY_DB=postgres $(GO) run ./scenarios/kills

noise: dist ## stage the sample shops on all clocks beside busy processes (NOISE='-clocks 5 -hogs 4 -samples node-mended -explore 10m')
	@$(GO) run ./scenarios/noise $(NOISE)

sdks: ## measure providers' real clients against the fakes, and compare with docs/clients.md; installs packages; UPDATE=1 writes it
	@$(GO) run ./scenarios/sdks $(if $(UPDATE),-update)

pairs: dist ## decide all pairs of a purchase, and say by what: enacted, as another one, dead (PAIRS='-shard 1/60 -audit 10000 -without order-identity', or -triples 50000)
	@$(GO) run ./scenarios/pairs $(PAIRS)

samples: ## the sample reports and the pictures of docs, from real runs (without order-identity, customer 2 pays twice)
	@# What explorations once found is replayed beside the stories, and is not of the samples.
	@at=$$(mktemp -d); trap 'rm -rf "$$at"' EXIT; \
	stage() { UNHAPPY_WORLD=virtual UNHAPPY_BASELINE= UNHAPPY_WITHOUT=$$2 UNHAPPY_REPORT=$$at $(GO) -C scenarios test -count=1 -run '^TestScenarios$$' \
		-ginkgo.label-filter='!variant && !long' >/dev/null; grep -v /regression- $$at/runs.jsonl | sed '1s/"runs":[0-9]*/"runs":0/' >$$at/$$1.jsonl; }; \
	render() { $(GO) run ./harness/cmd/unhappypath report render $$at/$$1.jsonl --out $$at $$2 $$3 >/dev/null; cp $$at/report.html docs/samples/$$1.html; }; \
	stage passing; stage failing order-identity; render passing; render failing --baseline $$at/passing.jsonl 2>/dev/null; \
	$(GO) test -count=1 -run '^TestThePicturesOfTheDocs' ./reports -redraw

clean: ## remove reports
	rm -rf reports/out dist
