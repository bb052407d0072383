# SPDX-License-Identifier: GPL-2.0
# dvpnmap edits and shows a device's table for the tests in this directory, netload makes load.
PROGS += dvpnmap
dvpnmap_SRCS := $(patsubst %,$d/%.c,dvpnmap dvpnmap_opts dvpnmap_show)
dvpnmap_LIBS := dvpn
dvpnmap_PKGS := libnl-genl-3.0 libnl-route-3.0

PROGS += netload
netload_SRCS := $d/netload.c
netload_LIBS := nhrp
netload_PKGS := libnl-genl-3.0
netload_LDLIBS := -pthread
