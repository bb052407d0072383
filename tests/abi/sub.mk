# SPDX-License-Identifier: GPL-2.0
# abi-dump feeds tests/abi/check-abi on the host, abi-policy tests/net/10-abi.sh in a guest;
# lib-live is run there by tests/net/12-lib.sh.
PROGS += abi-dump abi-policy lib-live
abi-dump_SRCS := $(d)/abi-dump.c
abi-dump_LIBS := dvpn
abi-policy_SRCS := $(d)/abi-policy.c
abi-policy_PKGS := libnl-3.0 libnl-genl-3.0
lib-live_SRCS := $(d)/lib-live.c
lib-live_LIBS := dvpn
lib-live_PKGS := libnl-3.0 libnl-genl-3.0
