# SPDX-License-Identifier: GPL-2.0
# All but main() is a library, so that tests and fuzzers can have it.
LIBS += daemon
daemon_SRCS := $(filter-out $(d)/main.c,$(sort $(wildcard $(d)/*.c)))
daemon_PKGS := libnl-3.0 libnl-genl-3.0 jansson libev libseccomp libcap-ng

PROGS += dvpnd
dvpnd_SRCS := $(d)/main.c
dvpnd_LIBS := daemon nhrp dvpn
dvpnd_PKGS := libnl-genl-3.0 libnl-route-3.0 jansson libev libseccomp libcap-ng
