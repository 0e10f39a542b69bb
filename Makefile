# SPDX-License-Identifier: MIT
.PHONY: demo test build setup lint docs dist install uninstall clean emt-mini wheel test-python
PREFIX ?= /usr/local
DESTDIR ?=
# Where `make build` puts it, and `make install` and `make dist` look.
BUILT = .build/release/relax

# Everything from nothing: system libraries, build, example relaxations and their score.
demo: build
	@Tools/demo.sh .build/release/relax demo-output

# Libraries beside the binary, as in the tarball, count before all others; without them the system's do. The C++
# runtime, which Foundation needs, goes into the binary.
build: setup
	@mkdir -p .build/static && ln -sf "$$(clang -print-file-name=libstdc++.a)" .build/static/libstdc++.a
	swift build -c release --product relax --static-swift-stdlib --disable-local-rpath \
	  -Xlinker '-rpath=$$ORIGIN/../lib/relax' -Xlinker --disable-new-dtags -Xlinker '-L$(CURDIR)/.build/static'

# All tests, optimised: at -O0 the numeric suites would take many times longer.
test: setup
	swift build -c release --build-tests -Xswiftc -enable-testing --scratch-path .build-test
	swift test -c release -Xswiftc -enable-testing --scratch-path .build-test --skip-build

# The paper's experiments in miniature, from their initial structures: a night on two cores.
emt-mini: build
	[ -d results/emt-mini/data ] || Tools/emt-mini-data.sh .build/release/relax
	results/emt-mini/headline.sh .build/release/relax
	python3 results/emt-mini/run.py --relax .build/release/relax
	python3 results/emt-mini/tables.py

# The library's documentation, for a browser.
docs: setup
	Tools/docs.sh docs-output

# The Python package with the engine in it: wheel-output/relax_engine-….whl.
wheel: build
	Tools/wheel.sh .build/release/relax wheel-output

# The same in a fresh environment, beside ASE.
test-python: wheel
	Tools/test-wheel.sh wheel-output

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks Fuzzing examples

# A tarball in dist/ that needs nothing but glibc.
dist:
	@Tools/dist.sh $(BUILT) dist

# Neither builds nor installs packages, so that `sudo make install` after `make build` leaves no files of root here.
install:
	@Tools/make-install.sh $(BUILT) "$(DESTDIR)" "$(PREFIX)"

uninstall:
	@DESTDIR="$(DESTDIR)" Tools/install.sh --remove "$(PREFIX)"

setup:
	@Tools/setup.sh

clean:
	rm -rf .build .build-* demo-output docs-output wheel-output dist
