# SPDX-License-Identifier: GPL-2.0
# The plugin of ip(8) for "type dvpn"; found as $IP_LIB_DIR/link_dvpn.so.
PLUGINS += link_dvpn
link_dvpn_SRCS := $(addprefix $(d)/,link_dvpn.c options.c show.c)
link_dvpn_LIBS := dvpn
