# Postroom: every target installs what it lacks. `make demo` and `make test` are the two to know.

GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
VERSION       := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS       := -s -w -X main.version=$(VERSION)
# One set of flags everywhere: whatever changes them makes the cgo parts compile again.
WINDOW_TAGS   := $(if $(filter linux,$(shell go env GOOS 2>/dev/null)),x11,)
HEADLESS      := CGO_ENABLED=0 go
# Rooms whose tests are also run under the race detector: all but the real window, which needs OpenGL, and the tray, in whose
# library (fyne.io/systray) it finds races that are not ours. SQLite and Fyne are watched from outside only: the detector makes
# the one 37 times slower, and what it would find within them is not ours to mend.
RACE          := ./sage/... ./watcher/... ./gui ./gui/headline ./gui/notify ./gui/onboarding ./gui/support ./gui/web \
                 ./gui/widgets ./gui/wording
RACE_FLAGS    := -gcflags='modernc.org/...=-race=false' -gcflags='fyne.io/...=-race=false'

.PHONY: demo build headless test race lint soak large soak-real soak-hour bench screenshots guide-pictures icons clean

demo: build
	@.ci/demo build/postroom

build:
	@.ci/install build
	go build -tags "$(WINDOW_TAGS)" -ldflags "$(LDFLAGS)" -o build/ .

headless:
	$(HEADLESS) build -tags headless -ldflags "$(LDFLAGS)" -o build/postroom-headless .

# The tests start the program, a display, a session bus, a keyring and a browser of their own.
test: build
	@.ci/install test
	$(HEADLESS) vet -tags headless ./...
	$(HEADLESS) test -tags headless ./...
	go test -race -tags headless -gcflags='modernc.org/...=-race=false' -run 'TestSeedsKeepEveryPromise$$' ./watcher/simulation
	go test -tags "$(WINDOW_TAGS)" ./gui/desktop

race:
	@.ci/install test
	go test -race -tags headless -timeout 30m $(RACE_FLAGS) $(RACE)

lint:
	@.ci/install build
	$(HEADLESS) run $(GOLANGCI_LINT) run
	GOOS=windows $(HEADLESS) vet -tags headless ./...
	GOOS=darwin $(HEADLESS) vet -tags headless ./sage/... ./watcher/...

# The real program with real faults: killed 300 times, asleep for a minute, a file written for two, and the rest in its long form.
soak-real:
	@.ci/install test
	POSTROOM_KILLS=300 $(HEADLESS) test -tags headless -count 1 -timeout 2h ./gui/terminal

# Files of 2 GB and folders of 100,000 files in full size; `make test` has them small.
large:
	POSTROOM_LARGE=1 $(HEADLESS) test -tags headless -count 1 -timeout 60m -run 'Huge|VeryMany' ./watcher

# A file a second with constant faults; what it costs every ten seconds goes into build/endurance.txt.
DURATION ?= 1h
soak-hour:
	@.ci/install test
	mkdir -p build
	POSTROOM_ENDURANCE=$(DURATION) POSTROOM_ENDURANCE_SAMPLES=$(CURDIR)/build/endurance.txt \
		$(HEADLESS) test -tags headless -count 1 -v -timeout 0 -run TestALongRunWithConstantFaultsStaysFlat ./gui/terminal

bench:
	@.ci/install test
	$(HEADLESS) test -tags headless -run '^$$' -bench . -benchtime 1x -timeout 30m -p 1 ./...
	go test -tags "$(WINDOW_TAGS)" -run '^$$' -bench . -benchtime 1x ./gui/desktop

# The simulator: `make soak SEEDS=N [FROM=M]` runs many seeds and counts what happened, with COUNTS=FILE added to what pieces
# before it counted; `make soak SEED=N` tells the story of one. `make test` runs 500, and 50 under the race detector.
soak:
	$(HEADLESS) test -tags headless -count 1 -timeout 0 -run TestSeedsKeepEveryPromise -v ./watcher/simulation \
		-args $(if $(SEED),-seed $(SEED),-seeds $(or $(SEEDS),5000) -from $(or $(FROM),0) $(if $(COUNTS),-counts $(abspath $(COUNTS))))

# A picture of every screen, light and dark, in every language, and of each step from the wizard to a result. All that a real
# window shows is in one sheet, screenshots/contact.png, and on one page, screenshots/index.html.
screenshots: build
	@.ci/install test
	mkdir -p screenshots
	POSTROOM_PICTURES=$(CURDIR)/screenshots $(HEADLESS) test -tags headless -count 1 ./gui ./gui/widgets ./gui/onboarding ./gui/web
	POSTROOM_SCREENSHOTS=$(CURDIR)/screenshots go test -tags "$(WINDOW_TAGS)" -count 1 -run Screenshot ./gui/desktop
	SANDBOX_PICTURES=$(CURDIR)/screenshots $(HEADLESS) test -tags headless -count 1 -run InABrowser ./sage/sandbox

# The pictures of docs/guide.md.
guide-pictures:
	@.ci/install test
	POSTROOM_GUIDE=$(CURDIR)/docs/pictures go test -tags "$(WINDOW_TAGS)" -count 1 -run ScreenshotsOfEvery ./gui/desktop

# Draws all icons anew, and a sheet of them at 16, 20 and 32 pixels in build/icons.png.
icons:
	mkdir -p build
	$(HEADLESS) run ./assets/draw assets build/icons.png

clean:
	rm -rf build screenshots demo.png
