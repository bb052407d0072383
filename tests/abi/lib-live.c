// SPDX-License-Identifier: GPL-2.0
/*
 * libdvpn against the running module, on the device that is named: requests and
 * their refusals, dumps, notifications, binding. Output: TAP.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/dvpn.h"

#define N_MAPS	1000

static unsigned int count, failed;

static void check(bool good, const char *name, const char *why)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++count, name);
	if (good)
		return;
	failed++;
	printf("# %s\n", why);
}

static void check_errno(int got, int want, const char *name)
{
	char why[64];

	snprintf(why, sizeof(why), "is %d, must be %d", got, want);
	check(got == want, name, why);
}

/**
 * struct told - what a callback was told
 * @err: last error
 * @count: last count
 * @good: answers that were 0
 * @text: last text
 */
struct told {
	int err;
	u32 count;
	unsigned int good;
	char text[256];
};

static void tell(const struct dvpn_ack *ack, void *ctx)
{
	struct told *told = ctx;

	told->err = ack->err;
	told->count = ack->count;
	told->good += !ack->err;
	snprintf(told->text, sizeof(told->text), "%s", ack->text);
}

static struct dvpn_map host_map(unsigned int ifindex, unsigned int host)
{
	struct dvpn_addr proto = { AF_INET, { 10, 0, host >> 8, host & 0xff } };
	struct dvpn_map map;

	dvpn_map_init(&map, ifindex, &proto);
	map.has |= DVPN_MAP_HAS_PEER | DVPN_MAP_HAS_OWNER | DVPN_MAP_HAS_COOKIE;
	map.peer.nbma = (struct dvpn_addr){ AF_INET, { 192, 0, 2, 2 + host % 100 } };
	map.owner = 1;
	map.cookie = (struct dvpn_cookie){ 3, "abc" };
	return map;
}

static void check_many(struct dvpn_chan *c, struct dvpn_handle *h, unsigned int ifindex)
{
	struct told told = {};
	struct dvpn_map *maps;
	size_t n, i, wrong = 0;
	unsigned int host;
	int err;

	for (host = 1; host <= N_MAPS; host++) {
		struct dvpn_map map = host_map(ifindex, host);

		dvpn_map_new(c, &map, tell, &told);
	}
	err = dvpn_chan_wait(c, 60000);
	check(!err && told.good == N_MAPS, "many mappings in batches", told.text);
	err = dvpn_dump_maps(h, ifindex, &maps, &n);
	for (i = 0; i < n; i++) {
		struct dvpn_map map = host_map(ifindex, i + 1);

		wrong += !dvpn_addr_equal(&maps[i].proto, &map.proto) ||
			 !dvpn_peer_key_equal(&maps[i].peer, &map.peer) ||
			 maps[i].owner != 1 || maps[i].cookie.len != 3 ||
			 memcmp(maps[i].cookie.bytes, "abc", 3);
	}
	check(!err && n == N_MAPS && !wrong, "all of them in a dump, by rising id, as written",
	      dvpn_error(h));
	free(maps);
}

static void check_refusals(struct dvpn_chan *c, unsigned int ifindex)
{
	struct dvpn_match match = { .has = DVPN_MATCH_HAS_OWNER, .owner = 9 };
	struct dvpn_map map = host_map(ifindex, 1);
	struct told told = {};

	dvpn_map_new(c, &map, tell, &told);
	dvpn_chan_wait(c, 10000);
	check_errno(told.err, -EEXIST, "a mapping that exists is refused");
	check(told.text[0], "with a text", "there is none");

	map.has = DVPN_MAP_HAS_PROTO | DVPN_MAP_HAS_OWNER;
	map.owner = 2;
	dvpn_map_set(c, &map, &match, tell, &told);
	dvpn_chan_wait(c, 10000);
	check_errno(told.err, -ESTALE, "a change by who is not the owner is refused");
	match.owner = 1;
	dvpn_map_set(c, &map, &match, tell, &told);
	dvpn_chan_wait(c, 10000);
	check_errno(told.err, 0, "a change by the owner is made");

	map = host_map(ifindex, 2);
	map.peer.nbma = (struct dvpn_addr){ AF_INET, { 127, 0, 0, 1 } };
	dvpn_map_replace(c, &map, NULL, tell, &told);
	dvpn_chan_wait(c, 10000);
	check(told.err && told.text[0], "a loopback address is refused in words", told.text);
	map = host_map(ifindex, 2);
	map.has |= DVPN_MAP_HAS_FLAGS;
	map.flags_mask = 1u << 31;
	dvpn_map_replace(c, &map, NULL, tell, &told);
	dvpn_chan_wait(c, 10000);
	check(told.err && strstr(told.text, "(attribute map_flags)"),
	      "a flag that nobody knows is refused, and the attribute named", told.text);
	map = host_map(ifindex + 1000, 2);
	dvpn_map_new(c, &map, tell, &told);
	dvpn_chan_wait(c, 10000);
	check_errno(told.err, -ENODEV, "no such device");
}

static void check_single(struct dvpn_handle *h, unsigned int ifindex)
{
	struct dvpn_addr dst = { AF_INET, { 10, 0, 0, 5 } };
	struct dvpn_map map = host_map(ifindex, 5);
	struct dvpn_peer peer = { .ifindex = ifindex };
	struct dvpn_dev dev;

	check_errno(dvpn_map_get(h, &map), 0, "one mapping by its address");
	check(map.has & DVPN_MAP_HAS_PEER_ID, "it has a peer", "it has none");
	peer.has = DVPN_PEER_HAS_ID;
	peer.id = map.peer_id;
	check_errno(dvpn_peer_get(h, &peer), 0, "one peer by its id");
	check(dvpn_peer_key_equal(&peer.key, &map.peer) && peer.maps == N_MAPS / 100,
	      "it is the mapping's, and has all mappings to it", "it is not");
	check_errno(dvpn_map_lookup(h, ifindex, &dst, NULL, &map), DVPN_VERDICT_DIRECT,
		    "what a packet would do");
	dst.bytes[1] = 99;
	check_errno(dvpn_map_lookup(h, ifindex, &dst, NULL, &map), DVPN_VERDICT_DROP,
		    "and one to nowhere");
	check_errno(dvpn_dev_get(h, ifindex, &dev), 0, "the device");
	check(dev.maps == N_MAPS && dev.peers == 100, "its table has what was put into it",
	      dev.ifname);
	map = host_map(ifindex, 5000);
	check_errno(dvpn_map_get(h, &map), -ENOENT, "a mapping that does not exist");
	check(strstr(dvpn_error(h), "map_get: "), "is an error in words", dvpn_error(h));
}

static void count_map(const struct dvpn_map *map, void *ctx)
{
	(void)map;
	((unsigned int *)ctx)[0]++;
}

static void count_gone(const struct dvpn_map *map, unsigned int reason, void *ctx)
{
	(void)map;
	((unsigned int *)ctx)[1] += reason == DVPN_REASON_FLUSHED;
}

static void check_flush(struct dvpn_chan *c, struct dvpn_mon *mon, const unsigned int *seen,
			unsigned int ifindex)
{
	struct dvpn_match match = { .has = DVPN_MATCH_HAS_NOT_OWNER, .not_owner = 1 };
	struct told told = {};

	dvpn_map_flush(c, ifindex, &match, 0, 0, tell, &told);
	dvpn_chan_wait(c, 10000);
	check(!told.err && told.count == 1, "a flush spares an owner", told.text);
	check_errno(dvpn_mon_read(mon, 100000), 0, "notifications");
	check(seen[0] >= N_MAPS && seen[1] == 1, "one for each change", "there are more or less");
	match.has = 0;
	dvpn_map_flush(c, ifindex, &match, 0, 0, tell, &told);
	dvpn_chan_wait(c, 10000);
	check(!told.err && told.count == N_MAPS - 1, "a flush of all", told.text);
}

static void check_agents(unsigned int ifindex)
{
	static const struct dvpn_agent_ops ops;
	struct dvpn_agent *one, *two;
	u32 features = 0;

	if (dvpn_agent_open(&one, &ops, NULL) || dvpn_agent_open(&two, &ops, NULL)) {
		check(false, "sockets for two agents", "they cannot be opened");
		return;
	}
	check_errno(dvpn_agent_bind(one, ifindex, DVPN_AGENT_ALL, &features, NULL), 0, "an agent");
	check(features & DVPN_FEATURE_UNDERLAY4, "is told the features", "it is not");
	check_errno(dvpn_agent_bind(one, ifindex, DVPN_AGENT_ALL, NULL, NULL), 0, "it binds again");
	check_errno(dvpn_agent_bind(two, ifindex, DVPN_AGENT_EVENT, NULL, NULL), -EBUSY,
		    "a second one is refused");
	check(strlen(dvpn_agent_error(two)) > strlen("agent_bind: "), "in words",
	      dvpn_agent_error(two));
	check_errno(dvpn_agent_unbind(one, ifindex, DVPN_AGENT_EVENT), 0, "it gives a class back");
	check_errno(dvpn_agent_bind(two, ifindex, DVPN_AGENT_EVENT, NULL, NULL), 0,
		    "the second one takes it");
	dvpn_agent_close(one);
	check_errno(dvpn_agent_bind(two, ifindex, DVPN_AGENT_ALL, NULL, NULL), 0,
		    "a binding ends with its socket");
	dvpn_agent_close(two);
}

static void check_link(const char *name)
{
	struct dvpn_ifaddr *addrs;
	struct dvpn_link link, *links;
	size_t n;

	check_errno(dvpn_link_get(name, &link), 0, "the device by rtnetlink");
	check(link.is_dvpn && link.up && link.key == 42 && link.mtu == DVPN_MTU_DEFAULT &&
	      link.flags & DVPN_LINK_F_KEY, "is as it was made", link.ifname);
	check_errno(dvpn_link_get("nosuch0", &link), -ENODEV, "no such device by rtnetlink");
	check_errno(dvpn_link_list(&links, &n), 0, "all devices");
	check(n == 1 && !strcmp(links[0].ifname, name), "are one", "are not");
	check_errno(dvpn_link_addrs(links[0].ifindex, &addrs, &n), 0, "its addresses");
	check(n && addrs[0].addr.bytes[0] == 10 && addrs[0].prefixlen == 8, "are there",
	      "are not");
	free(addrs);
	free(links);
}

int main(int argc, char **argv)
{
	static const struct dvpn_mon_ops mon_ops = { .map = count_map, .map_gone = count_gone };
	unsigned int seen[2] = {};
	struct dvpn_handle *h;
	struct dvpn_chan *c;
	struct dvpn_mon *mon;
	unsigned int ifindex;

	if (argc != 2)
		return 2;
	ifindex = if_nametoindex(argv[1]);
	if (!ifindex || dvpn_open(&h) || dvpn_chan_open(&c) ||
	    dvpn_mon_open(&mon, &mon_ops, seen)) {
		printf("Bail out! no device or no module\n");
		return 1;
	}
	check_link(argv[1]);
	check_agents(ifindex);
	check_many(c, h, ifindex);
	check_single(h, ifindex);
	check_refusals(c, ifindex);
	check_flush(c, mon, seen, ifindex);
	dvpn_mon_close(mon);
	dvpn_chan_close(c);
	dvpn_close(h);
	printf("1..%u\n", count);
	return !!failed;
}
