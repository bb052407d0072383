# SPDX-License-Identifier: GPL-2.0
# dvpnmap edits and shows a device's table for the tests in this directory.
PROGS += dvpnmap
dvpnmap_SRCS := $(patsubst %,$d/%.c,dvpnmap dvpnmap_opts dvpnmap_show)
dvpnmap_LIBS := dvpn
dvpnmap_PKGS := libnl-genl-3.0 libnl-route-3.0
