# SPDX-License-Identifier: MIT
.PHONY: demo test build setup lint install clean
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

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks

install: build
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 .build/release/relax $(DESTDIR)$(PREFIX)/bin/relax

setup:
	@Tools/setup.sh

clean:
	rm -rf .build .build-test demo-output
