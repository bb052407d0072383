# SPDX-License-Identifier: GPL-2.0
# abi-dump feeds tests/abi/check-abi on the host, abi-policy tests/net/10-abi.sh in a guest.
PROGS += abi-dump abi-policy
abi-dump_SRCS := $(d)/abi-dump.c
abi-dump_LIBS := dvpn
abi-policy_SRCS := $(d)/abi-policy.c
abi-policy_PKGS := libnl-3.0 libnl-genl-3.0
