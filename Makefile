# Redstart: everything a user or a developer starts. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Where the daemon listens, and what it watches (without either: localhost:6379, or else a demo of its own).
LISTEN ?= 0.0.0.0:9121
TARGETS ?=
export LISTEN TARGETS

BUILD_PACKAGES := libcrypt-dev libhiredis-dev libmd-dev libre2-dev libsnappy-dev libsqlite3-dev libyaml-dev zlib1g-dev \
    pkg-config
PACKAGING_PACKAGES := binutils debhelper dpkg-dev
RUN_PACKAGES := redis-server redis-tools
TEST_PACKAGES := chromium redis-server redis-sentinel redis-tools prometheus prometheus-alertmanager \
    prometheus-redis-exporter protobuf-compiler python3 python3-prometheus-client python3-yaml curl jq openssl groff \
    iproute2 $(PACKAGING_PACKAGES) apparmor debootstrap lintian python3-seccomp python3-venv \
    strace systemd

SWIFT_SOURCES := Sources Tests Package.swift $(wildcard Benchmarks/Sources Benchmarks/Package.swift)
# What makes the program smaller: sections of their own for functions, so that unused ones are left out; no names for
# code that is loaded, as none is (2.5 MB); relocations in the short form (2 MB; needs glibc 2.36).
RELEASE_FLAGS := -c release --static-swift-stdlib -Xswiftc -use-ld=lld -Xswiftc -Xfrontend -Xswiftc -function-sections \
    -Xlinker --no-export-dynamic -Xlinker -z -Xlinker pack-relative-relocs
# An import of a target that the manifest does not name is an error; warnings are, by the manifest.
TEST_FLAGS := --explicit-target-dependency-import-check error

.PHONY: help run build deb test lint docs dashboards bench soak simulator images clean swift

help: ## List the targets
	@echo 'Usage: make TARGET'
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  \1\t/' | expand -t 14
	@echo 'make run watches TARGETS="redis://… …" or REDIS_ADDR; without them the Redis on localhost:6379,'
	@echo 'or else a demo it starts itself. LISTEN=$(LISTEN) is where it listens.'

run: build ## Build, and watch Redis: TARGETS, REDIS_ADDR, localhost:6379, or a demo
	@.ci/install-packages $(RUN_PACKAGES)
	@exec demo/run

build: swift ## Build .build/release/redstart
	@.ci/install-packages $(BUILD_PACKAGES)
	swift build $(RELEASE_FLAGS) --product redstart

deb: build ## Make the Debian package in .build/
	@.ci/install-packages $(PACKAGING_PACKAGES)
	@deploy/package .build/release/redstart .build

test: swift ## Run every check and test; what cannot be tested is a failure
	@.ci/install-packages $(BUILD_PACKAGES) $(TEST_PACKAGES)
	@.ci/unpack-servers & servers=$$!; .ci/prepare-deploy-tests & tools=$$!; wait $$servers; wait $$tools
	$(MAKE) --no-print-directory lint
	promtool check rules rules/*.rules.yml
	promtool test rules rules/*.test.yml
	dashboards/generate.py --check
	swift build --build-tests $(TEST_FLAGS)
	.build/debug/redstart rules test rules/*.test.yml
	@# Tests wait for real servers, some in calls that block a thread: more at once would starve the others.
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=6 swift test --skip-build $(TEST_FLAGS)

lint: swift ## Check the format and what the compiler does not check
	.ci/check-sources
	swift format lint --strict -r $(SWIFT_SOURCES)

docs: swift ## Make the pages of the documentation that come from tables in the code
	swift build --product redstart
	mkdir -p docs man
	for page in metrics options redis_exporter; do .build/debug/redstart docs $$page > docs/$$page.md; done
	.build/debug/redstart docs man > man/redstart.1

dashboards: ## Make the dashboards and the PrometheusRule from dashboards/generate.py and rules/
	@.ci/install-packages python3 python3-yaml
	dashboards/generate.py

images: swift ## Make the pictures in docs/images: four minutes
	@.ci/install-packages $(BUILD_PACKAGES) chromium $(RUN_PACKAGES) redis-sentinel
	swift build --build-tests $(TEST_FLAGS)
	REDSTART_IMAGES=$(CURDIR)/docs/images swift test --skip-build --filter PictureTests

bench: swift ## Run the benchmarks beside their anchors; ARGS="info store rules remote scrape exporter fleet sidecar nodes" chooses
	@.ci/install-packages $(BUILD_PACKAGES) $(RUN_PACKAGES) prometheus prometheus-redis-exporter python3 xz-utils
	Benchmarks/run $(ARGS)

soak: build simulator ## Watch 1,000 simulated nodes for a day, in 48 minutes: nothing may grow; ARGS="--hours 3"
	Benchmarks/soak $(ARGS)

simulator:
	swift build $(RELEASE_FLAGS) --product FleetSimulator

clean: ## Remove what was built
	rm -rf .build .build-benchmarks

swift:
	@command -v swift >/dev/null || { echo 'Swift 6.3 or newer is needed, and no swift is in PATH.' >&2; exit 1; }
