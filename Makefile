# SPDX-License-Identifier: GPL-2.0
#
# dvpn: builds, checks and installs everything. `make help` lists what it can do.

VERSION := 0.1.0
BUILD ?= build
KERNELS ?= 6.1 6.12
PREFIX ?= /usr/local
CACHE := $(or $(DVPN_CACHE),/var/cache/dvpn)
MAKEFLAGS += --no-print-directory
export VERSION BUILD KERNELS

# A lock per build directory: several makes may run in one tree.
USERMAKE = mkdir -p $(BUILD) && flock $(BUILD)/.user.lock $(MAKE) -f user/Makefile
DEBUG := $(if $(DVPN_DEBUG),--debug)

.PHONY: all setup modules user man demo check check-style check-unit check-vm check-fuzz \
	bench soak install uninstall clean help

all: modules user man

help:
	@sed -n 's/^#: //p' Makefile

#: make                 build the module for both kernels, user space and man pages
#: make setup           install packages, fetch kernels (root; done by check and demo too)
#: make demo            a hub and two spokes in a guest, narrated
#: make check           build and test everything; the last line has the total
#: make check-style     warnings of gcc, clang and sparse, checkpatch, man page lint
#: make check-unit      unit tests, protocol simulation, fuzzing corpus
#: make check-vm        tests in guests   [KERNELS="6.12"] [TESTS="10-link 20-map"]
#: make check-fuzz      run every fuzzer  [FUZZ_SECONDS=60]
#: make soak            the long forms of the scenarios
#: make bench           measurements against the kernel's own tunnels
#: make modules         only the module   [KERNELS="6.12"] [DVPN_DEBUG=1]
#: make user            only user space
#: make install         [DESTDIR=] [PREFIX=/usr/local]; the module by DKMS: see README
#: make clean

setup:
	@scripts/setup

modules:
	@for kernel in $(KERNELS); do \
		scripts/build-module $(DEBUG) $$kernel $(BUILD) || exit; done

user:
	@$(USERMAKE) VARIANT=native

MAN_SOURCES := $(wildcard Documentation/man/*.scd)
MAN_PAGES := $(MAN_SOURCES:Documentation/man/%.scd=$(BUILD)/man/%)
man: $(MAN_PAGES)
$(BUILD)/man/%: Documentation/man/%.scd
	@mkdir -p $(@D) && scdoc <$< >$@.tmp && mv $@.tmp $@

clean:
	rm -rf $(BUILD)
