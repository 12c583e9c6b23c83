# Everything here needs only Go; what else is needed .ci/run installs.
.PHONY: help test browser tour screenshots race lint vuln bench soak fuzz ci

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

test: ## all tests on SQLite, and on SQL Server where CRMPLUS_TEST_MSSQL is set
	go test ./...

browser: ## pages in a real Chromium, and the API's TypeScript client (needs chromium, node and npm)
	CRMPLUS_BROWSER=1 go test -count 1 -run 'Browser|TypeScript' ./adapters/web ./adapters/api

tour: ## the whole ERP with the screens in a real Chromium, with axe (needs chromium and npm; about three minutes; CRMPLUS_TOUR=all takes every look)
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	npm install --prefix "$$dir" --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --silent axe-core@4.14.1 && \
	CRMPLUS_BROWSER=1 CRMPLUS_AXE="$$dir/node_modules/axe-core/axe.min.js" go test -count 1 -timeout 30m -run Browser ./examples/hosterp

CRMPLUS_SCREENSHOTS ?= out/screenshots
screenshots: ## a picture of every page in three languages, light and dark, 1440 and 390 px, into CRMPLUS_SCREENSHOTS
	CRMPLUS_SCREENSHOTS="$(abspath $(CRMPLUS_SCREENSHOTS))" go test -count 1 -timeout 30m -run TestScreenshots ./examples/hosterp

# What works beside each other.
RACE = . ./adapters/imap ./adapters/sms ./adapters/smtp ./adapters/sqlite ./crm \
	$(addprefix ./crm/,clock event lead live mail party readlog routing scoring search store webhook workflow) \
	./erpbridge/apihost ./erpbridge/convert ./erpbridge/prochost $(addprefix ./newsletter/,campaign message sequence subscription track) ./quote

# SQLite itself, C translated to Go, works on one connection by one goroutine: watching it would take three times as long.
PLAINC = -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false

race: ## tests of what works beside each other, with the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race -short $(PLAINC) $(RACE)
	CGO_ENABLED=1 go test -race -short $(PLAINC) -run 'Pressed|Limit|Compressed|OneClick|Repetition|ClientWorks' ./adapters/api ./adapters/web
	CGO_ENABLED=1 go test -race -run SameBytes ./quote/pdf

lint: ## golangci-lint with the repository's settings
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

vuln: ## known vulnerabilities in what is compiled in
	@bin=$$(mktemp -d); trap 'rm -rf "$$bin"' EXIT; \
	GOBIN="$$bin" go install golang.org/x/vuln/cmd/govulncheck@v1.8.0 && "$$bin/govulncheck" ./...; \
	case $$? in 0) ;; 3) exit 1;; *) echo "NOT RUN: govulncheck needs its database of vulnerabilities, which cannot be reached";; esac

bench: ## the figures of BENCHMARKS.md at full size (about half an hour)
	CRMPLUS_BENCH_ROWS=1000000 go test -run '^$$' -bench . -benchtime 1x -timeout 120m ./crm/... ./quote/... ./reports/... ./erpbridge/...

soak: ## the long fault runs: kill -9 of real processes, failing disks
	CRMPLUS_SOAK=1 go test -run 'Kill|Soak|Fault' -count 1 -timeout 240m ./...

fuzz: ## every fuzz target for a minute
	@for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p | grep ^Fuzz); do \
		echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime 60s -fuzzminimizetime 1x $$p || exit 1; done; done

ci: ## what continuous integration runs
	.ci/run
