// SPDX-License-Identifier: GPL-2.0
/*
 * "ip -d link show": attributes as words, in the form that the options take, so
 * that what is shown can be given back.
 */
#include <string.h>
#include <arpa/inet.h>
#include <linux/if_link.h>

#include "lib/internal.h"
#include "iproute2/link_dvpn.h"

static void show_string(const char *key, const char *format, const char *value)
{
	print_color_string(PRINT_ANY, COLOR_NONE, key, format, value);
}

static void show_number(const char *key, const char *format, u32 value)
{
	print_color_uint(PRINT_ANY, COLOR_NONE, key, format, value);
}

static void show_switch(const char *key, bool on)
{
	char text[32];

	snprintf(text, sizeof(text), "%s %s ", key, on ? "on" : "off");
	if (is_json_context())
		print_color_bool(PRINT_JSON, COLOR_NONE, key, NULL, on);
	else
		print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s", text);
}

/* A word that takes no value, when there is nothing for JSON. */
static void show_word(const char *word)
{
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s ", word);
}

static void show_local(const struct dvpn_link *link)
{
	char text[DVPN_ADDR_STRLEN];

	if (link->local4.family)
		print_color_string(PRINT_ANY, COLOR_INET, "local", "local %s ",
				   dvpn_addr_str(&link->local4, text));
	if (link->local6.family)
		print_color_string(PRINT_ANY, COLOR_INET6, "local6", "local %s ",
				   dvpn_addr_str(&link->local6, text));
	if (!link->local4.family && !link->local6.family)
		show_word("local any");
}

static void show_tuple(const struct dvpn_link *link)
{
	show_local(link);
	if (link->link_name[0])
		print_color_string(PRINT_ANY, COLOR_IFNAME, "dev", "dev %s ", link->link_name);
	else
		show_word("nodev");
	if (link->flags & DVPN_LINK_F_KEY)
		show_number("key", "key %u ", link->key);
	else
		show_word("nokey");
}

static void show_header(const struct dvpn_link *link)
{
	show_number("port", "port %u ", ntohs(link->port));
	if (link->ttl)
		show_number("ttl", "ttl %u ", link->ttl);
	else
		show_string("ttl", "ttl %s ", "inherit");
	if (link->tos == 1)
		show_string("tos", "tos %s ", "inherit");
	else
		show_number("tos", "tos 0x%x ", link->tos);
	show_string("df", "df %s ", dvpn_name(DVPN_NAMES_DF, link->df));
	if (link->mss > DVPN_MSS_AUTO)
		show_number("mss", "mss %u ", link->mss);
	else
		show_string("mss", "mss %s ", link->mss ? "auto" : "off");
}

static void show_rest(const struct dvpn_link *link)
{
	show_number("domain", "domain %u ", link->domain);
	show_switch("redirect", link->flags & DVPN_LINK_F_REDIRECT);
	show_string("ipsec", "ipsec %s ",
		    link->flags & DVPN_LINK_F_REQUIRE_IPSEC ? "require" : "off");
	show_switch("csum", link->flags & DVPN_LINK_F_CSUM);
	show_switch("udpcsum", !(link->flags & DVPN_LINK_F_UDP_ZERO_CSUM));
	show_switch("udp6csum", !(link->flags & DVPN_LINK_F_UDP_ZERO_CSUM6));
	show_number("fwmark", "fwmark 0x%x ", link->fwmark);
	show_number("if_id", "if_id 0x%x ", link->xfrm_if_id);
	show_number("max-maps", "max-maps %u ", link->max_maps);
	show_number("max-peers", "max-peers %u ", link->max_peers);
	show_number("queue", "queue %u ", link->queue);
	show_number("agent-grace", "agent-grace %u ", link->agent_grace_s);
	show_string("rx-source", "rx-source %s ",
		    dvpn_name(DVPN_NAMES_RX_SOURCE, link->rx_source));
}

static void show_down_reason(const struct dvpn_link *link)
{
	static const char * const words[] = {
		[DVPN_DOWN_NO_LINK] = "its underlay interface does not exist",
		[DVPN_DOWN_COLLISION] =
			"another device has the same underlay interface, address and key",
		[DVPN_DOWN_PORT] = "another socket has the UDP port",
	};
	const char *name = dvpn_name(DVPN_NAMES_DOWN, link->down_reason);

	if (is_json_context())
		print_color_string(PRINT_JSON, COLOR_NONE, "down_reason", NULL, name);
	else if (link->down_reason)
		print_color_string(PRINT_FP, COLOR_OPERSTATE_DOWN, NULL, "(no carrier: %s) ",
				   link->down_reason < DVPN_ARRAY_LEN(words) ?
				   words[link->down_reason] : name);
}

void dvpn_print_options(struct link_util *lu, FILE *f, struct rtattr *tb[])
{
	const struct nlattr *attrs[IFLA_DVPN_MAX + 1] = {};
	struct dvpn_link link = {};
	unsigned int type;

	(void)lu;
	(void)f;
	if (!tb)
		return;
	/* The same layout under two names. What does not fit its type is left out. */
	for (type = 1; type <= IFLA_DVPN_MAX; type++) {
		const struct nlattr *attr = (const struct nlattr *)tb[type];

		if (attr && dvpn_attr_fits(attr, &dvpn_link_rules[type]))
			attrs[type] = attr;
	}
	dvpn_get_link_data(attrs, &link);
	show_tuple(&link);
	show_header(&link);
	show_rest(&link);
	if (is_json_context())
		show_number("link_index", NULL, link.link_ifindex);
	show_down_reason(&link);
}

static void show_drops(const struct nlattr *nest)
{
	u64 drops[DVPN_DROP_MAX + 1];
	bool any = false;
	unsigned int i;

	if (dvpn_get_counters(nest, DVPN_DROP_MAX, drops))
		return;
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "    %s", "drops:");
	open_json_object("drops");
	for (i = DVPN_DROP_PAD + 1; i <= DVPN_DROP_MAX; i++) {
		char format[48];

		/* A reader wants what happened, a program the same keys always. */
		if (!drops[i] && !is_json_context())
			continue;
		snprintf(format, sizeof(format), " %s %%llu", dvpn_drop_name(i));
		print_color_u64(PRINT_ANY, COLOR_NONE, dvpn_drop_name(i), format, drops[i]);
		any = true;
	}
	close_json_object();
	if (!any)
		print_color_string(PRINT_FP, COLOR_NONE, NULL, " %s", "none");
}

void dvpn_print_drops(struct link_util *lu, FILE *f, struct rtattr *xstats)
{
	(void)lu;
	(void)f;
	print_nl();
	show_drops((const struct nlattr *)xstats);
	/* More follows on the line. */
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s", " ");
}

/* The device that "ip link xstats" is limited to, 0: all. */
static unsigned int xstats_ifindex;

int dvpn_parse_xstats(struct link_util *lu, int argc, char **argv)
{
	(void)lu;
	xstats_ifindex = 0;
	if (!argc)
		return 0;
	if (argc != 2 || strcmp(argv[0], "dev")) {
		fputs("Usage: ip link xstats type dvpn [ dev NAME ]\n", stderr);
		return -1;
	}
	xstats_ifindex = if_nametoindex(argv[1]);
	if (xstats_ifindex)
		return 0;
	fprintf(stderr, "Error: dvpn: there is no device \"%s\"\n", argv[1]);
	return -1;
}

int dvpn_print_xstats(struct nlmsghdr *n, void *arg)
{
	const struct nlattr *stats[IFLA_STATS_LINK_XSTATS + 1];
	const struct nlattr *nest;
	const size_t head = NLMSG_SPACE(sizeof(struct if_stats_msg));
	const struct if_stats_msg *ifs = NLMSG_DATA(n);

	(void)arg;
	if (n->nlmsg_len < head ||
	    dvpn_attrs_split(stats, IFLA_STATS_LINK_XSTATS, NULL, (const u8 *)n + head,
			     n->nlmsg_len - head))
		return -1;
	if (!stats[IFLA_STATS_LINK_XSTATS] || (xstats_ifindex && xstats_ifindex != ifs->ifindex))
		return 0;
	/* The kernel puts one nest here; devices of other kinds have other types. */
	nest = dvpn_attr_data(stats[IFLA_STATS_LINK_XSTATS]);
	if (dvpn_attr_len(stats[IFLA_STATS_LINK_XSTATS]) < NLA_HDRLEN ||
	    nest->nla_len < NLA_HDRLEN ||
	    nest->nla_len > dvpn_attr_len(stats[IFLA_STATS_LINK_XSTATS]) ||
	    (nest->nla_type & NLA_TYPE_MASK) != DVPN_LINK_XSTATS_TYPE)
		return 0;
	open_json_object(NULL);
	print_color_string(PRINT_ANY, COLOR_IFNAME, "ifname", "%s", ll_index_to_name(ifs->ifindex));
	print_nl();
	show_drops(nest);
	print_nl();
	close_json_object();
	return 0;
}
