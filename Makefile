# What can be done with feign's sources. `make help` lists it.
# Everything but build, test, race, fuzz and lint compares with real root and so
# needs root; those targets install what they lack with apt (test/scripts/install.sh).

GO ?= go
FUZZTIME ?= 10s
TORTURE ?= 1000
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.8.0

# feign is one static binary; only the race detector needs cgo.
export CGO_ENABLED = 0
BUILD = $(GO) build -trimpath -buildvcs=false $(if $(VERSION),-ldflags '-X main.version=$(VERSION)')

# What compares with real root, or changes the machine, has targets of its own.
UNIT = $$($(GO) list ./... | grep -vE '/test/(differential|state|store|vm/machine)')
# Where there is something to lock, and what calls it from several goroutines. What runs alone cannot race.
CONCURRENT = $$($(GO) list -f '{{$$p := .ImportPath}}{{range .Imports}}{{if eq . "sync" "sync/atomic"}}{{println $$p}}{{end}}{{end}}' \
	./... | grep . | grep -vE '/(test|bench)/' | sort -u) ./cmd/feign ./wrapper/guest
DIFFERENTIAL = test/scripts/gotest.sh -timeout 20m
TOOLS = acl attr busybox-static cpio libcap2-bin procps rsync tar util-linux

.DEFAULT_GOAL := help
.PHONY: help build test lint race fuzz demo examples bench bench-doc bench-short bench-chroot bench-state bench-pack test-differential \
	test-differential-c test-stops test-realinput test-nixlike test-reproduce test-gvisor test-bazel test-nix nix-modules test-chroot test-debian test-archives test-store test-state test-386 test-vm \
	test-vm-all test-newcomer test-windows torture generate package clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/feign
	$(BUILD) -o bin/feign ./cmd/feign

test: ## vet and unit tests: needs nothing but Go
	$(GO) vet ./...
	@test/scripts/gotest.sh test $(UNIT)

lint: ## gofmt, vet for each system, staticcheck, govulncheck
	@test/scripts/lint.sh $(STATICCHECK) $(GOVULNCHECK)

# A program that the detector watches sleeps for a second before it ends; these tests start hundreds.
race: export GORACE = atexit_sleep_ms=10
race: ## unit tests under the race detector, of packages with locks (needs a C compiler)
	@test/scripts/install.sh gcc libc6-dev
	@CGO_ENABLED=1 test/scripts/gotest.sh -timeout 20m race -race -short $(CONCURRENT)

fuzz: ## every fuzz target for FUZZTIME (10s)
	@test/scripts/fuzz.sh $(FUZZTIME)

demo: build ## build a root file system as an ordinary user, twice the same
	@examples/rootfs/demo.sh bin/feign

examples: build ## the other examples
	@test/scripts/sum.sh examples bin/feign examples/tarball/run.sh examples/ci/run.sh

bench: build ## compare with native runs and with fakeroot (ROWS=stat,exec)
	@test/scripts/install.sh fakeroot pseudo build-essential dpkg-dev libarchive-tools zstd
	@$(GO) run ./bench -feign bin/feign $(if $(ROWS),-rows $(ROWS)) $(BENCHFLAGS)

bench-short: ## the same with small inputs: whether it runs
	@$(MAKE) -s bench BENCHFLAGS=-short

bench-doc: ## the same, written to docs/BENCHMARKS.md; rows that ROWS leaves out stay as measured last (bin/bench.json)
	@$(MAKE) -s bench BENCHFLAGS='-book bin/bench.json -doc docs/BENCHMARKS.md'

bench-chroot: build ## a compile in another root directory: real, under feign in both ways, under proot
	@bench/chroot

bench-state: ## lies recorded with and without the log, and a million of them loaded
	@$(GO) test ./lies/store -run '^$$' -bench Record -benchtime 100000x
	@$(GO) test ./lies/store -run '^$$' -bench Load -benchtime 1x -timeout 20m

bench-pack: ## feign pack beside GNU tar with zstd -T2 and bsdtar
	@$(MAKE) -s bench ROWS=pack

test-differential: ## programs under feign beside real root: static Go (amd64, 386) and scripts
	@test/scripts/install.sh $(TOOLS)
	@$(DIFFERENTIAL) differential ./test/differential

test-differential-c: ## the same in C: glibc, static, 32-bit, musl
	@test/scripts/install.sh gcc gcc-multilib libc6-dev musl-tools
	@$(DIFFERENTIAL) differential-c ./test/differential -arch= -scripts=false -libc glibc,static,i386,musl

test-stops: ## the scripts and C programs of the two again, without the shortcut of calls that only look
	@test/scripts/install.sh $(TOOLS) gcc libc6-dev
	@$(DIFFERENTIAL) stops ./test/differential -arch= -libc glibc -mode stops

test-realinput: build ## cp, rsync, tar, make install and Debian packages beside real root
	@test/realinput/run

test-nixlike: build ## inside the seccomp filters of Nix and Docker, and of old kernels (FILTERS=old)
	@test/nixlike/run

test-chroot: build ## programs in another root directory, beside real chroot(2)
	@test/chroot/run

test-debian: build ## debootstrap, mmdebstrap, apt, rpm and a musl system by an ordinary user, offline, packed, beside real root (PACKAGES=dir)
	@test/debian/run

test-archives: build ## each archive and image format, read by the programs that it is for
	@test/archives/run

test-reproduce: build ## one archive with one digest: shells, circumstances, Docker's profile, other archivers
	@test/reproduce/run

test-gvisor: build ## the same digest in gVisor
	@test/reproduce/run gvisor

test-bazel: build ## real Bazel, two versions: sandboxes, caches, remote execution, the build from source (BAZEL="trees build")
	@test/bazel/run

test-nix: build ## a real Nix: flake, sandbox, stores; its derivations have the digests that all others have
	@test/nix/run

nix-modules: ## nix/modules.hash, when go.mod or what is imported has changed
	@rm -rf out/modules && mkdir -p out
	@$(GO) run ./nix/build modules "$(CURDIR)/out/modules" 2>out/modules.log || { cat out/modules.log; exit 1; }
	@$(GO) run ./nix/build hash out/modules | tee nix/modules.hash
	@rm -rf out/modules out/modules.log

test-newcomer: ## what the README says, by a new user in a fresh Debian, and how long it takes (fetches packages; NEWCOMER="nix")
	@test/newcomer/run $(NEWCOMER)

test-state: ## states whose daemon is asked by many, started while it leaves, killed in the middle (ROUNDS=1000 KILLS=1000)
	@test/state/run

test-store: build ## states when power fails, disks are full, inode numbers come again; the files of fakeroot, fakeroot-ng and pseudo, Debian's tools
	@test/scripts/install.sh attr devscripts dpkg-dev e2fsprogs fakeroot make perl-base pseudo sqlite3
	@test/scripts/gotest.sh test-store ./test/store

test-386: ## what traces, answers, remembers and packs as a 32-bit program, on any amd64 machine
	@GOARCH=386 test/scripts/gotest.sh test-386 ./ptlib/... ./wrapper/guest/... ./lies/... ./archive

test-plugins: build ## policy plugins: who reads and who writes accounts under passwd, plugins that misbehave, the example of a third party
	@test/plugins/run

test-vm: ## in virtual machines: arm64, Yama, the oldest and the newest kernels (MACHINES=arm64)
	@test/vm/run $(MACHINES)

test-vm-all: ## the same with every case in every machine: an hour of processor time
	@VM_CASES=all test/vm/run $(MACHINES)

test-windows: build ## feign pack, feign manifest and what needs no files, in Wine
	@test/windows/run

torture: build ## TORTURE (1000) rounds of a process tree that does everything at once, and of random programs
	@test/torture/run $(TORTURE)

generate: ## files that are generated: docs/SYSCALLS.md, system call tables
	$(GO) generate ./...

package: ## packages in out/ (VERSION=1.2.3 FORMATS="deb rpm apk archlinux"; deb when none is named)
	@packaging/package.sh $(or $(VERSION),0.0.0) out $(FORMATS)

clean: ## remove what was built
	rm -rf bin out examples/*/out
