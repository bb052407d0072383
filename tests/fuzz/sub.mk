# SPDX-License-Identifier: GPL-2.0
# A fuzzer NAME has its corpus in tests/fuzz/corpus/NAME. By hand, for a minute:
#     make -f user/Makefile VARIANT=fuzz
#     build/user-fuzz/NAME -max_total_time=60 NEW-INPUTS-DIR tests/fuzz/corpus/NAME

FUZZERS += fuzz-codec
fuzz-codec_SRCS := $(d)/fuzz-codec.c
fuzz-codec_LIBS := nhrp

FUZZERS += fuzz-core
fuzz-core_SRCS := $(d)/fuzz-core.c $(addprefix tests/sim/,sim.c sim_kernel.c topology.c)
fuzz-core_LIBS := nhrp
