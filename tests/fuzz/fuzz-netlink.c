// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing target: what the kernel sends by netlink, a datagram of it, as the module's family
 * (answers, dumps, events, frames) and as rtnetlink (devices, addresses, routes). Nothing is
 * read outside of it, and what is read can be relied on.
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/convert.h"
#include "dvpnd/route_msg.h"
#include "fuzz.h"
#include "lib/internal.h"
#include "lib/link.h"

#define FAMILY	0x30

/* What is looked at must lie in it. */
static const u8 *first, *end;

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_bytes(const u8 *data, size_t len)
{
	require(!len || (data >= first && data <= end && len <= (size_t)(end - data)));
}

static void check_name(const char *name)
{
	require(strnlen(name, IF_NAMESIZE) < IF_NAMESIZE);
}

static void check_addr(const struct dvpn_addr *a)
{
	struct nhrp_addr addr;

	require(!a->family || dvpn_addr_len(a));
	addr_to_nhrp(&addr, a);
	require(addr.len == dvpn_addr_len(a));
}

static void check_key(const struct dvpn_peer_key *from)
{
	struct nhrp_peer_key key;

	check_addr(&from->nbma);
	key_to_nhrp(&key, from);
	require(key.port == ntohs(from->port));
}

static void check_map(const struct dvpn_map *map)
{
	struct nhrp_prefix prefix;

	require(map->cookie.len <= DVPN_COOKIE_MAX);
	check_addr(&map->proto);
	require(map->prefixlen <= 8 * dvpn_addr_len(&map->proto));
	prefix_to_nhrp(&prefix, map);
	nhrp_prefix_mask(&prefix);
	check_key(&map->peer);
}

static void check_peer(const struct dvpn_peer *peer)
{
	require(peer->cookie.len <= DVPN_COOKIE_MAX);
	check_key(&peer->key);
}

static void read_entries(const struct nlattr **tb)
{
	struct dvpn_group group;
	struct dvpn_peer peer;
	struct dvpn_map map;
	struct dvpn_dev dev;

	if (!dvpn_get_map(tb, &map))
		check_map(&map);
	if (!dvpn_get_map_entry(tb, &map)) {
		check_map(&map);
		require(map.proto.family && map.ifindex);
	}
	if (!dvpn_get_peer(tb, &peer))
		check_peer(&peer);
	if (!dvpn_get_peer_entry(tb, &peer)) {
		check_peer(&peer);
		require(peer.key.nbma.family);
	}
	dvpn_get_group(tb, &group);
	if (!dvpn_get_dev(tb, &dev))
		check_name(dev.ifname);
}

static void read_news(const struct nlattr **tb)
{
	struct dvpn_event_msg event;
	struct dvpn_frame frame;

	if (!dvpn_get_frame(tb, &frame)) {
		check_bytes(frame.data, frame.len);
		check_key(&frame.peer);
		check_addr(&frame.local);
		require(frame.len);
	}
	if (!dvpn_get_event(tb, &event)) {
		check_name(event.ifname);
		check_bytes(event.excerpt, event.excerpt_len);
		check_map(&event.map);
		check_addr(&event.src);
		check_addr(&event.dst);
	}
}

static int of_family(const struct nlmsghdr *nlh, void *ctx)
{
	const struct nlattr *tb[DVPN_A_MAX + 1];
	char text[DVPN_TEXT_MAX];
	u8 cmd;

	(void)ctx;
	check_bytes((const u8 *)nlh, nlh->nlmsg_len);
	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
		require(dvpn_parse_ack(nlh, FAMILY, text) <= 0);
		require(strnlen(text, sizeof(text)) < sizeof(text));
		return 0;
	}
	if (dvpn_parse_genl(nlh, &cmd, tb))
		return 0;
	read_entries(tb);
	read_news(tb);
	return 0;
}

static void check_link(const struct dvpn_link *link)
{
	check_name(link->ifname);
	check_name(link->link_name);
	check_addr(&link->local4);
	check_addr(&link->local6);
}

static void is_there(const struct dvpn_link *link, void *ctx)
{
	(void)ctx;
	check_link(link);
}

static void is_gone(unsigned int ifindex, const char *ifname, void *ctx)
{
	(void)ifindex;
	(void)ctx;
	check_name(ifname);
}

static void has_addr(unsigned int ifindex, void *ctx)
{
	(void)ifindex;
	(void)ctx;
}

static void check_route(const struct route_info *info)
{
	unsigned int i;

	require(info->dst.plen <= nhrp_addr_bits(&info->dst.addr) && info->dst.addr.family);
	require(info->nr_hops <= ROUTE_HOPS_MAX);
	for (i = 0; i < info->nr_hops; i++)
		require(info->hops[i].gateway.len == nhrp_family_len(info->hops[i].gateway.family));
}

static int of_rtnetlink(const struct nlmsghdr *nlh, void *ctx)
{
	static const struct dvpn_linkmon_ops ops = {
		.link = is_there, .gone = is_gone, .addr = has_addr,
	};
	char text[DVPN_TEXT_MAX];
	struct route_info info;
	struct dvpn_ifaddr a;
	struct dvpn_link link;

	(void)ctx;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		route_msg_error(nlh);
		require(dvpn_parse_ack(nlh, 0, text) <= 0);
		return 0;
	}
	dvpn_linkmon_handle(nlh, &ops, NULL);
	if (!dvpn_get_link(nlh, &link))
		check_link(&link);
	if (dvpn_get_ifaddr(nlh, 2, &a) > 0)
		check_addr(&a.addr);
	if (route_msg_parse(nlh, &info))
		check_route(&info);
	return 0;
}

/* The first octet says of which kind it is; the rest is aligned as in a buffer, and no longer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	u8 *copy;

	if (!size)
		return 0;
	copy = malloc(size - 1 ? size - 1 : 1);
	require(copy);
	memcpy(copy, data + 1, size - 1);
	first = copy;
	end = copy + size - 1;
	dvpn_walk(copy, size - 1, *data & 1 ? of_rtnetlink : of_family, NULL);
	free(copy);
	return 0;
}
