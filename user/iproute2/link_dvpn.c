// SPDX-License-Identifier: GPL-2.0
/* "ip link ... type dvpn": what ip finds when it loads this plugin. */
#include <linux/dvpn.h>

#include "iproute2/link_dvpn.h"

extern struct link_util dvpn_link_util;

struct link_util dvpn_link_util = {
	.id = DVPN_LINK_KIND,
	.maxattr = IFLA_DVPN_MAX,
	.parse_opt = dvpn_parse_options,
	.print_opt = dvpn_print_options,
	.print_xstats = dvpn_print_drops,
	.print_help = dvpn_print_help,
	.parse_ifla_xstats = dvpn_parse_xstats,
	.print_ifla_xstats = dvpn_print_xstats,
};
