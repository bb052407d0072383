// SPDX-License-Identifier: GPL-2.0
/* Prints what libdvpn knows of the interface: names, and types of attributes. */
#include <stdio.h>
#include <string.h>

#include "lib/internal.h"

static const char * const enums[DVPN_NAMES_MAX] = {
	[DVPN_NAMES_CMD] = "dvpn_cmd",
	[DVPN_NAMES_ATTR] = "dvpn_attr",
	[DVPN_NAMES_LINK_ATTR] = "dvpn_link_attr",
	[DVPN_NAMES_LINK_FLAG] = "dvpn_link_flags",
	[DVPN_NAMES_DF] = "dvpn_df",
	[DVPN_NAMES_RX_SOURCE] = "dvpn_rx_source",
	[DVPN_NAMES_DOWN] = "dvpn_down_reason",
	[DVPN_NAMES_FEATURE] = "dvpn_feature",
	[DVPN_NAMES_ENCAP] = "dvpn_encap",
	[DVPN_NAMES_MAP_FLAG] = "dvpn_map_flags",
	[DVPN_NAMES_PEER_FLAG] = "dvpn_peer_flags",
	[DVPN_NAMES_AGENT] = "dvpn_agent_class",
	[DVPN_NAMES_EVENT] = "dvpn_event",
	[DVPN_NAMES_REASON] = "dvpn_reason",
	[DVPN_NAMES_VERDICT] = "dvpn_verdict",
	[DVPN_NAMES_STAT] = "dvpn_stat",
	[DVPN_NAMES_DROP] = "dvpn_drop",
};

static const char * const kinds[] = {
	[DVPN_KIND_UNKNOWN] = "unknown",
	[DVPN_KIND_U8] = "u8",
	[DVPN_KIND_U16] = "u16",
	[DVPN_KIND_U32] = "u32",
	[DVPN_KIND_U64] = "u64",
	[DVPN_KIND_IN6] = "in6",
	[DVPN_KIND_BITFIELD] = "bitfield",
	[DVPN_KIND_NAME] = "name",
	[DVPN_KIND_BYTES] = "bytes",
	[DVPN_KIND_COUNTERS] = "counters",
	[DVPN_KIND_PAD] = "pad",
};

/* More than any enum has; a value without a name says "unknown". */
#define MOST_VALUES	4096

static void dump_names(enum dvpn_names which)
{
	unsigned int value;

	for (value = 0; value < MOST_VALUES; value++) {
		const char *name = dvpn_name(which, value);

		if (strcmp(name, "unknown"))
			printf("name %s %u %s\n", enums[which], value, name);
	}
	for (; value; value <<= 1) {
		const char *name = dvpn_name(which, value);

		if (strcmp(name, "unknown"))
			printf("name %s %u %s\n", enums[which], value, name);
	}
}

static void dump_rules(const char *set, const struct dvpn_rule *rules, unsigned int max)
{
	unsigned int type;

	for (type = 0; type <= max; type++)
		printf("rule %s %u %s %u\n", set, type, kinds[rules[type].kind], rules[type].max);
}

int main(void)
{
	unsigned int which;

	for (which = 0; which < DVPN_NAMES_MAX; which++)
		dump_names(which);
	dump_rules("dvpn_attr", dvpn_genl_rules, DVPN_A_MAX);
	dump_rules("dvpn_link_attr", dvpn_link_rules, IFLA_DVPN_MAX);
	return 0;
}
