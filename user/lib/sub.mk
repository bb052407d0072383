# SPDX-License-Identifier: GPL-2.0
# libdvpn: the module's netlink interface. A program that links it needs $(dvpn_PKGS), too.
LIBS += dvpn
dvpn_SRCS := $(addprefix $(d)/,addr.c agent.c attr.c build.c chan.c dev.c event.c frame.c handle.c \
	link.c map.c mon.c names.c peer.c rtnl.c sock.c)
dvpn_PKGS := libnl-3.0 libnl-genl-3.0
