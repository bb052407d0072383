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

.PHONY: all setup modules user programs man demo check check-style check-unit check-vm check-fuzz \
	check-debug check-flavours bench bench-gate bench-uml bench-registrations bench-first-direct \
	bench-first-ipsec \
	bench-wave soak install uninstall \
	clean help FORCE

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
#: make check-fuzz      run every fuzzer  [FUZZ_SECONDS=20]
#: make check-debug     coccinelle, cppcheck; tests in guests on a kernel with KASAN, lockdep
#:                      and kmemleak, built once (40 minutes)   [TESTS="10-link 20-map"]
#: make check-flavours  tests in cloud (as root) and rt kernels; clang, kernels without IPv6 or
#:                      XFRM
#: make soak            the long forms of the scenarios, every test on both kernels; fuzzing: 30
#:                      minutes of the decoders, 10 of netlink on the debug kernel; 10,000
#:                      simulated spokes after a hub crash
#: make bench           measurements against the kernel's own tunnels
#: make bench-gate      has the fast path grown since Documentation/performance/gate.tsv?
#: make bench-uml       the same in nanoseconds, in a kernel of our own  [ROUNDS=7]
#: make bench-registrations   how many spokes register in a second, beside FRR's nhrpd
#: make bench-first-direct    how soon two spokes talk directly, beside FRR's nhrpd
#: make bench-first-ipsec     the same with both protected by strongSwan  [ROUNDS=5]
#: make bench-wave      10,000 simulated spokes after a hub crash, as a table and a picture
#: make modules         only the module   [KERNELS="6.12"] [DVPN_DEBUG=1]
#: make user            only user space
#: make install         [DESTDIR=] [PREFIX=/usr/local]; the module by DKMS: see README
#: make uninstall       [DESTDIR=] [PREFIX=/usr/local]; leaves /etc/dvpn
#: make clean           remove build/

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
$(BUILD)/man/%: Documentation/man/%.scd $(BUILD)/prefix
	@mkdir -p $(@D) && sed 's|@DOCDIR@|$(DOCDIR)|g' $< | scdoc >$@.tmp && mv $@.tmp $@

# What is installed: without tests, which take longer and need more packages
programs:
	@$(USERMAKE) VARIANT=native $(addprefix $(BUILD)/user/,dvpnd dvpnctl link_dvpn.so)

demo:
	@scripts/setup packages kernels qemu
	@scripts/build-module 6.12 $(BUILD)
	@$(MAKE) programs
	@colour=; [ ! -t 1 ] || colour="--env DEMO_COLOR=1"; \
		tests/vm/run -k 6.12 --timeout 300 $$colour -- tests/demo/demo.sh

check: setup
	@scripts/check

check-style check-unit check-vm check-fuzz: check-%: setup
	@scripts/check $(if $(filter vm style,$*),build) $*

check-debug: setup
	@scripts/check static debug

check-flavours: setup
	@scripts/setup flavours
	@scripts/check flavours

soak: setup
	@DVPN_SOAK=1 FUZZ_SECONDS=300 scripts/check build fuzz vm
	@DVPN_SOAK=1 TESTS=34-fuzz scripts/check debug
	@$(USERMAKE) VARIANT=native $(BUILD)/user/test-sim-wave
	@for seed in 1 2 3; do $(BUILD)/user/test-sim-wave 10000 $$seed 10000 || exit 1; done

BENCH := Documentation/performance
bench: setup modules user
	@mkdir -p $(BENCH)
	@tests/bench/count all $(BENCH)/instructions.tsv
	@tests/bench/count tcp $(BENCH)/tcp.tsv
	@tests/bench/report $(BENCH)/instructions.tsv instructions

bench-gate: setup modules user
	@mkdir -p $(BENCH)
	@tests/bench/count gate $(BENCH)/gate.tsv

ROUNDS ?= 7
NATIVE_LOG := $(BUILD)/results/bench-uml.log
bench-uml: setup user
	@mkdir -p $(dir $(NATIVE_LOG))
	@tests/bench/uml/run tests/bench/uml/rounds $(ROUNDS) >$(NATIVE_LOG) || \
		{ tail -n 5 $(NATIVE_LOG) >&2; echo "bench-uml: see $(NATIVE_LOG)" >&2; exit 1; }
	@tests/bench/uml/report $(NATIVE_LOG) $(BENCH)/nanoseconds.tsv
	@tests/bench/report $(BENCH)/nanoseconds.tsv nanoseconds

bench-registrations: setup
	@scripts/build-module 6.12 $(BUILD)
	@$(MAKE) user
	@mkdir -p $(BENCH)
	@tests/bench/registrations $(BENCH)/registrations.tsv

bench-first-direct: setup
	@scripts/build-module 6.12 $(BUILD)
	@$(MAKE) user
	@mkdir -p $(BENCH)
	@tests/bench/first-direct $(BENCH)/first-direct.tsv

bench-first-ipsec: ROUNDS = 5
bench-first-ipsec: setup
	@scripts/build-module 6.12 $(BUILD)
	@$(MAKE) user
	@mkdir -p $(BENCH)
	@tests/bench/first-direct $(BENCH)/first-ipsec.tsv $(ROUNDS) ipsec

WAVE := $(BENCH)/hub-crash
bench-wave: setup
	@$(USERMAKE) VARIANT=native $(BUILD)/user/test-sim-wave
	@$(BUILD)/user/test-sim-wave 10000 1 10000 $(WAVE).csv
	@gnuplot -e "csv='$(WAVE).csv'; svg='$(WAVE).svg'" tests/sim/wave.gp

# Installation. $(INSTALL_LIST) is words MODE:SOURCE:DESTINATION, for install and uninstall.
SBINDIR := $(PREFIX)/sbin
UNITDIR := $(PREFIX)/lib/systemd/system
USERSDIR := $(PREFIX)/lib/sysusers.d
MANDIR := $(PREFIX)/share/man
DOCDIR := $(PREFIX)/share/doc/dvpn
INCDIR := $(PREFIX)/include
# ip looks for plugins where it was built to, whatever our prefix is.
IPDIR := /usr/lib/$(shell gcc -print-multiarch)/ip
DKMSDIR := /usr/src/dvpn-$(VERSION)
UNITS := $(wildcard user/dvpnd/*.service.in)
DOCS := $(wildcard Documentation/guide-*.rst) Documentation/control.rst \
	Documentation/nhrp-conformance.rst
DKMS_SOURCES := Kbuild $(shell find kmod uapi -type f)

INSTALL_LIST = \
	755:$(BUILD)/user/dvpnd:$(SBINDIR)/dvpnd \
	755:$(BUILD)/user/dvpnctl:$(SBINDIR)/dvpnctl \
	644:$(BUILD)/user/link_dvpn.so:$(IPDIR)/link_dvpn.so \
	644:uapi/linux/dvpn.h:$(INCDIR)/linux/dvpn.h \
	$(foreach m,$(MAN_PAGES),644:$m:$(MANDIR)/man$(subst .,,$(suffix $m))/$(notdir $m)) \
	$(foreach u,$(UNITS),644:$(BUILD)/$(notdir $(u:.in=)):$(UNITDIR)/$(notdir $(u:.in=))) \
	644:user/dvpnd/dvpn.sysusers:$(USERSDIR)/dvpn.conf \
	$(foreach f,$(DOCS),644:$f:$(DOCDIR)/$(notdir $f)) \
	$(foreach f,$(wildcard $(addprefix Documentation/,examples/dvpnd.conf.* examples/*/*)),\
		644:$f:$(DOCDIR)/$(f:Documentation/%=%)) \
	$(foreach f,$(DKMS_SOURCES),644:$f:$(DKMSDIR)/$f) \
	644:$(BUILD)/dkms.conf:$(DKMSDIR)/dkms.conf

# Paths and version in files that name them; made again for another PREFIX
$(BUILD)/prefix: FORCE
	@mkdir -p $(@D) && { echo $(PREFIX) | cmp -s - $@ || echo $(PREFIX) >$@; }
$(BUILD)/%.service: user/dvpnd/%.service.in Makefile $(BUILD)/prefix
	@sed 's|@SBINDIR@|$(SBINDIR)|g' $< >$@
$(BUILD)/dkms.conf: scripts/dkms.conf.in Makefile
	@sed 's|@VERSION@|$(VERSION)|g' $< >$@

install: programs man $(UNITS:user/dvpnd/%.in=$(BUILD)/%) $(BUILD)/dkms.conf
	@set -e; for entry in $(INSTALL_LIST); do \
		from=$${entry#*:}; \
		install -D -m $${entry%%:*} $${from%:*} $(DESTDIR)$${entry##*:}; done
	@[ -n "$(DESTDIR)" ] || systemd-sysusers $(USERSDIR)/dvpn.conf
	@install -d $(DESTDIR)/etc/dvpn
	@echo "installed; for the module: dkms install dvpn/$(VERSION)"

uninstall:
	rm -f $(foreach entry,$(INSTALL_LIST),$(DESTDIR)$(lastword $(subst :, ,$(entry))))
	@for dir in $(DESTDIR)$(DKMSDIR) $(DESTDIR)$(DOCDIR); do \
		[ ! -d $$dir ] || find $$dir -type d -empty -delete || exit; done
clean:
	rm -rf $(BUILD)
