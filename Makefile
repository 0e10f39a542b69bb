# SPDX-License-Identifier: MIT
.PHONY: demo test build setup lint docs install clean emt-mini wheel test-python
PREFIX ?= /usr/local

# Everything from nothing: system libraries, build, example relaxations and their score.
demo: build
	@Tools/demo.sh .build/release/relax demo-output

build: setup
	swift build -c release --product relax --static-swift-stdlib

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

install: build
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 .build/release/relax $(DESTDIR)$(PREFIX)/bin/relax

setup:
	@Tools/setup.sh

clean:
	rm -rf .build .build-* demo-output docs-output wheel-output
