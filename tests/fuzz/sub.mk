# SPDX-License-Identifier: GPL-2.0
# A fuzzer NAME has its corpus in tests/fuzz/corpus/NAME. By hand, for a minute:
#     make -f user/Makefile VARIANT=fuzz
#     build/user-fuzz/NAME -max_total_time=60 NEW-INPUTS-DIR tests/fuzz/corpus/NAME

FUZZERS += fuzz-codec
fuzz-codec_SRCS := $(d)/fuzz-codec.c
fuzz-codec_LIBS := nhrp

FUZZERS += fuzz-core
fuzz-core_SRCS := $(d)/fuzz-core.c $(wildcard tests/sim/sim*.c) tests/sim/topology.c
fuzz-core_LIBS := nhrp

# nlfuzz sends random requests to the module in a guest (tests/net/34-fuzz.sh); what they are made
# of comes from the specification.
PROGS += nlfuzz
nlfuzz_SRCS := $d/nlfuzz.c $(patsubst %,$d/nlfuzz-%.c,message chan link oracle)
nlfuzz_PKGS := libnl-3.0 libnl-genl-3.0
nlfuzz_CFLAGS := -I$(OUT)/gen
nlfuzz_LDLIBS := -pthread
nlfuzz_TABLE := $(OUT)/gen/nlfuzz-table.h

$(OUT)/obj/$d/nlfuzz-message.o: $(nlfuzz_TABLE)
$(nlfuzz_TABLE): $d/nlfuzz-table.py Documentation/netlink/dvpn.yaml
	@mkdir -p $(@D) && python3 -B $^ >$@.tmp && mv $@.tmp $@

FUZZERS += fuzz-vici
fuzz-vici_SRCS := $(d)/fuzz-vici.c
fuzz-vici_LIBS := vici
