// SPDX-License-Identifier: GPL-2.0
/* libdvpn: every message built and read back, and hostile bytes refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "lib/internal.h"

#define FAMILY	0x30

struct parsed {
	struct nl_msg *msg;
	u8 cmd;
	const struct nlattr *tb[DVPN_A_MAX + 1];
};

static struct dvpn_addr addr(const char *text)
{
	struct dvpn_addr a = {};

	assert_int_equal(dvpn_addr_parse(text, &a), 0);
	return a;
}

static void start(struct dvpn_build *b, u8 cmd)
{
	dvpn_build_start(b, FAMILY, cmd, 0, 2 * DVPN_FRAME_MAX);
}

/* Ends @b and reads it as if it had come from the kernel. */
static void parse(struct dvpn_build *b, struct parsed *p)
{
	int err;

	p->msg = dvpn_build_end(b, &err);
	assert_int_equal(err, 0);
	assert_int_equal(dvpn_parse_genl(nlmsg_hdr(p->msg), &p->cmd, p->tb), 0);
}

static void assert_build_fails(struct dvpn_build *b, int want)
{
	int err;

	assert_null(dvpn_build_end(b, &err));
	assert_int_equal(err, want);
}

static struct dvpn_peer_key udp_key(void)
{
	return (struct dvpn_peer_key){
		.encap = DVPN_ENCAP_UDP,
		.port = htons(4755),
		.mark = 7,
		.xfrm_if_id = 9,
		.nbma = addr("2001:db8::1"),
	};
}

static struct dvpn_map full_map(void)
{
	struct dvpn_map map = {
		.has = DVPN_MAP_HAS_PROTO | DVPN_MAP_HAS_FLAGS | DVPN_MAP_HAS_PREFERENCE |
		       DVPN_MAP_HAS_EXPIRES | DVPN_MAP_HAS_OWNER | DVPN_MAP_HAS_COOKIE |
		       DVPN_MAP_HAS_PEER,
		.ifindex = 5,
		.proto = addr("192.168.30.0"),
		.prefixlen = 24,
		.flags = DVPN_MAP_F_NHS,
		.flags_mask = DVPN_MAP_F_NHS | DVPN_MAP_F_PROBATION,
		.preference = 3,
		.expires_ms = 1ull << 40,
		.owner = 0xdeadbeef,
		.cookie = { .len = DVPN_COOKIE_MAX },
		.peer = udp_key(),
	};

	memset(map.cookie.bytes, 0xa5, DVPN_COOKIE_MAX);
	return map;
}

static void put_map_message(struct dvpn_build *b, const struct dvpn_map *map)
{
	start(b, DVPN_CMD_MAP_NEW);
	dvpn_put_u32(b, DVPN_A_IFINDEX, map->ifindex);
	dvpn_put_map(b, map);
}

static void test_map(void **state)
{
	struct dvpn_map map = full_map();
	struct dvpn_map back;
	struct dvpn_build b;
	struct parsed p;

	(void)state;
	put_map_message(&b, &map);
	parse(&b, &p);
	assert_int_equal(p.cmd, DVPN_CMD_MAP_NEW);
	assert_int_equal(dvpn_get_map(p.tb, &back), 0);
	assert_memory_equal(&back, &map, sizeof(map));
	/* No id: not an entry of the table. */
	assert_int_equal(dvpn_get_map_entry(p.tb, &back), -EBADMSG);
	nlmsg_free(p.msg);
}

static void test_map_answer(void **state)
{
	struct dvpn_build b;
	struct dvpn_map map;
	struct dvpn_addr proto = addr("2001:db8::7");
	struct parsed p;

	(void)state;
	start(&b, DVPN_CMD_MAP_GET);
	dvpn_put_u32(&b, DVPN_A_IFINDEX, 5);
	dvpn_put_u32(&b, DVPN_A_MAP_ID, 11);
	dvpn_put_addr(&b, DVPN_A_PROTO4, DVPN_A_PROTO6, &proto);
	dvpn_put_u64(&b, DVPN_A_AGE_MS, 12);
	dvpn_put_u64(&b, DVPN_A_IDLE_MS, 13);
	dvpn_put_u32(&b, DVPN_A_PEER_ID, 14);
	parse(&b, &p);
	assert_int_equal(dvpn_get_map_entry(p.tb, &map), 0);
	assert_int_equal(map.has, DVPN_MAP_HAS_ID | DVPN_MAP_HAS_PROTO | DVPN_MAP_HAS_AGE |
			 DVPN_MAP_HAS_IDLE | DVPN_MAP_HAS_PEER_ID);
	assert_int_equal(map.ifindex, 5);
	assert_int_equal(map.id, 11);
	assert_true(dvpn_addr_equal(&map.proto, &proto));
	assert_int_equal(map.prefixlen, 128);
	assert_int_equal(map.age_ms, 12);
	assert_int_equal(map.idle_ms, 13);
	assert_int_equal(map.peer_id, 14);
	nlmsg_free(p.msg);
}

/* A mapping out of a dump may be given back: what is the kernel's is not sent. */
static void test_map_given_back(void **state)
{
	struct dvpn_map map = full_map();
	struct dvpn_build b;
	struct parsed p;
	u32 value, selector;

	(void)state;
	map.has |= DVPN_MAP_HAS_ID | DVPN_MAP_HAS_AGE | DVPN_MAP_HAS_IDLE | DVPN_MAP_HAS_PEER_ID;
	map.flags = DVPN_MAP_F_ALL;
	map.flags_mask = DVPN_MAP_F_ALL;
	put_map_message(&b, &map);
	parse(&b, &p);
	assert_null(p.tb[DVPN_A_MAP_ID]);
	assert_null(p.tb[DVPN_A_AGE_MS]);
	assert_null(p.tb[DVPN_A_IDLE_MS]);
	assert_null(p.tb[DVPN_A_PEER_ID]);
	dvpn_get_bitfield(p.tb[DVPN_A_MAP_FLAGS], &value, &selector);
	assert_int_equal(selector, DVPN_MAP_F_ALL & ~DVPN_MAP_F_INCOMPLETE);
	assert_int_equal(value, selector);
	nlmsg_free(p.msg);
}

static void test_map_by_id(void **state)
{
	struct dvpn_map map = { .has = DVPN_MAP_HAS_ID, .id = 4 };
	struct dvpn_build b;
	struct parsed p;

	(void)state;
	put_map_message(&b, &map);
	parse(&b, &p);
	assert_int_equal(dvpn_get_u32(p.tb[DVPN_A_MAP_ID]), 4);
	assert_null(p.tb[DVPN_A_PREFIXLEN]);
	nlmsg_free(p.msg);
}

static void test_map_refused(void **state)
{
	struct dvpn_build b;
	struct dvpn_map map;

	(void)state;
	map = full_map();
	map.has &= ~DVPN_MAP_HAS_PROTO;
	put_map_message(&b, &map);
	assert_build_fails(&b, -EINVAL);

	map = full_map();
	map.prefixlen = 33;
	put_map_message(&b, &map);
	assert_build_fails(&b, -EINVAL);

	map = full_map();
	map.proto.family = AF_UNSPEC;
	map.prefixlen = 0;
	put_map_message(&b, &map);
	assert_build_fails(&b, -EINVAL);

	map = full_map();
	map.cookie.len = DVPN_COOKIE_MAX + 1;
	put_map_message(&b, &map);
	assert_build_fails(&b, -EINVAL);

	map = full_map();
	map.peer.nbma.family = AF_UNSPEC;
	put_map_message(&b, &map);
	assert_build_fails(&b, -EINVAL);
}

static void test_match(void **state)
{
	struct dvpn_match match = {
		.has = DVPN_MATCH_HAS_OWNER | DVPN_MATCH_HAS_ID | DVPN_MATCH_HAS_NOT_OWNER,
		.owner = 1,
		.id = 2,
		.not_owner = 3,
	};
	struct dvpn_build b;
	struct parsed p;

	(void)state;
	start(&b, DVPN_CMD_MAP_SET);
	dvpn_put_match(&b, &match, match.has);
	parse(&b, &p);
	assert_int_equal(dvpn_get_u32(p.tb[DVPN_A_MATCH_OWNER]), 1);
	assert_int_equal(dvpn_get_u32(p.tb[DVPN_A_MATCH_ID]), 2);
	assert_int_equal(dvpn_get_u32(p.tb[DVPN_A_NOT_OWNER]), 3);
	nlmsg_free(p.msg);

	start(&b, DVPN_CMD_MAP_SET);
	dvpn_put_match(&b, NULL, 0);
	parse(&b, &p);
	assert_null(p.tb[DVPN_A_MATCH_OWNER]);
	nlmsg_free(p.msg);

	start(&b, DVPN_CMD_MAP_SET);
	dvpn_put_match(&b, &match, DVPN_MATCH_HAS_OWNER | DVPN_MATCH_HAS_ID);
	assert_build_fails(&b, -EINVAL);
}

/* A nest of counters: @type with @len bytes of the value 77. */
static void put_counter(struct dvpn_build *b, int nest, int type, size_t len)
{
	static const u64 value[2] = { 77, 77 };
	struct nlattr *start = nla_nest_start(b->msg, nest);

	assert_non_null(start);
	dvpn_put(b, type, value, len);
	nla_nest_end(b->msg, start);
}

static void test_peer(void **state)
{
	struct dvpn_peer peer = {
		.has = DVPN_PEER_HAS_KEY | DVPN_PEER_HAS_FLAGS | DVPN_PEER_HAS_MARK_MASK |
		       DVPN_PEER_HAS_MTU | DVPN_PEER_HAS_MTU_ADVERTISED | DVPN_PEER_HAS_MSS |
		       DVPN_PEER_HAS_KEEPALIVE | DVPN_PEER_HAS_OWNER | DVPN_PEER_HAS_COOKIE |
		       DVPN_PEER_HAS_EXPIRES,
		.ifindex = 3,
		.key = udp_key(),
		.flags = DVPN_PEER_F_RX_ONLY,
		.flags_mask = DVPN_PEER_F_ALL,
		.mark_mask = 0xff,
		.mtu = 1300,
		.mtu_advertised = 1280,
		.mss = 1,
		.keepalive_s = 20,
		.owner = 6,
		.cookie = { .len = 3, .bytes = "abc" },
		.expires_ms = 60000,
	};
	struct dvpn_peer back;
	struct dvpn_build b;
	struct parsed p;

	(void)state;
	start(&b, DVPN_CMD_PEER_NEW);
	dvpn_put_u32(&b, DVPN_A_IFINDEX, peer.ifindex);
	dvpn_put_peer(&b, &peer);
	parse(&b, &p);
	assert_int_equal(dvpn_get_peer(p.tb, &back), 0);
	assert_memory_equal(&back, &peer, sizeof(peer));
	assert_int_equal(dvpn_get_peer_entry(p.tb, &back), -EBADMSG);
	nlmsg_free(p.msg);

	peer.has = DVPN_PEER_HAS_ID;
	peer.id = 8;
	start(&b, DVPN_CMD_PEER_SET);
	dvpn_put_peer(&b, &peer);
	parse(&b, &p);
	assert_int_equal(dvpn_get_u32(p.tb[DVPN_A_PEER_ID]), 8);
	assert_null(p.tb[DVPN_A_NBMA6]);
	nlmsg_free(p.msg);

	peer.has = 0;
	start(&b, DVPN_CMD_PEER_SET);
	dvpn_put_peer(&b, &peer);
	assert_build_fails(&b, -EINVAL);
}

static void test_peer_answer(void **state)
{
	struct dvpn_peer_key key = udp_key();
	struct dvpn_build b;
	struct dvpn_peer peer;
	struct parsed p;

	(void)state;
	start(&b, DVPN_CMD_PEER_GET);
	dvpn_put_u32(&b, DVPN_A_IFINDEX, 3);
	dvpn_put_u32(&b, DVPN_A_PEER_ID, 8);
	dvpn_put_peer_key(&b, &key);
	dvpn_put_u32(&b, DVPN_A_PMTU, 1376);
	dvpn_put_u32(&b, DVPN_A_PEER_MAPS, 2);
	dvpn_put_u64(&b, DVPN_A_AGE_MS, 100);
	dvpn_put_u64(&b, DVPN_A_RX_IDLE_MS, 50);
	put_counter(&b, DVPN_A_PEER_STATS, DVPN_STAT_RX_PACKETS, 8);
	parse(&b, &p);
	assert_int_equal(dvpn_get_peer_entry(p.tb, &peer), 0);
	assert_int_equal(peer.has, DVPN_PEER_HAS_ID | DVPN_PEER_HAS_KEY | DVPN_PEER_HAS_PMTU |
			 DVPN_PEER_HAS_MAPS | DVPN_PEER_HAS_AGE | DVPN_PEER_HAS_RX_IDLE);
	assert_true(dvpn_peer_key_equal(&peer.key, &key));
	assert_int_equal(peer.pmtu, 1376);
	assert_int_equal(peer.maps, 2);
	assert_int_equal(peer.age_ms, 100);
	assert_int_equal(peer.rx_idle_ms, 50);
	assert_int_equal(peer.stats[DVPN_STAT_RX_PACKETS], 77);
	assert_int_equal(peer.stats[DVPN_STAT_TX_PACKETS], 0);
	nlmsg_free(p.msg);
}

static void test_group(void **state)
{
	struct dvpn_group group = { .group = addr("224.0.0.5"), .peer = udp_key() };
	struct dvpn_group back;
	struct dvpn_build b;
	struct parsed p;

	(void)state;
	start(&b, DVPN_CMD_GROUP_NEW);
	dvpn_put_group(&b, &group);
	parse(&b, &p);
	assert_int_equal(dvpn_get_group(p.tb, &back), 0);
	assert_memory_equal(&back, &group, sizeof(group));
	nlmsg_free(p.msg);
}

static void test_dev(void **state)
{
	struct dvpn_build b;
	struct dvpn_dev dev;
	struct parsed p;

	(void)state;
	start(&b, DVPN_CMD_DEV_GET);
	dvpn_put_u32(&b, DVPN_A_IFINDEX, 3);
	dvpn_put(&b, DVPN_A_IFNAME, "dvpn0", 6);
	dvpn_put_u32(&b, DVPN_A_FEATURES, DVPN_FEATURE_UNDERLAY4);
	dvpn_put_u32(&b, DVPN_A_GENERATION, 4);
	dvpn_put_u32(&b, DVPN_A_MAP_COUNT, 5);
	dvpn_put_u32(&b, DVPN_A_PEER_COUNT, 6);
	dvpn_put_u32(&b, DVPN_A_INCOMPLETE_COUNT, 7);
	dvpn_put_u32(&b, DVPN_A_AGENT_CLASSES, DVPN_AGENT_ALL);
	dvpn_put_u32(&b, DVPN_A_DEFAULT_NHS, 9);
	put_counter(&b, DVPN_A_DROPS, DVPN_DROP_TX_NO_MAP, 8);
	/* A counter of a newer kernel. */
	put_counter(&b, DVPN_A_DEV_STATS, DVPN_STAT_MAX + 1, 8);
	parse(&b, &p);
	assert_int_equal(dvpn_get_dev(p.tb, &dev), 0);
	assert_int_equal(dev.ifindex, 3);
	assert_string_equal(dev.ifname, "dvpn0");
	assert_int_equal(dev.features, DVPN_FEATURE_UNDERLAY4);
	assert_int_equal(dev.generation, 4);
	assert_int_equal(dev.maps, 5);
	assert_int_equal(dev.peers, 6);
	assert_int_equal(dev.incomplete, 7);
	assert_int_equal(dev.agent_classes, DVPN_AGENT_ALL);
	assert_int_equal(dev.default_nhs, 9);
	assert_int_equal(dev.drops[DVPN_DROP_TX_NO_MAP], 77);
	p.tb[DVPN_A_GENERATION] = NULL;
	assert_int_equal(dvpn_get_dev(p.tb, &dev), -EBADMSG);
	nlmsg_free(p.msg);
}

static void test_counter_of_wrong_length(void **state)
{
	static const size_t lens[] = { 0, 4, 7, 9, 16 };
	u64 counters[DVPN_DROP_MAX + 1];
	unsigned int i;

	(void)state;
	for (i = 0; i < DVPN_ARRAY_LEN(lens); i++) {
		struct dvpn_build b;
		struct parsed p;

		start(&b, DVPN_CMD_DEV_GET);
		put_counter(&b, DVPN_A_DROPS, DVPN_DROP_TX_NO_MAP, lens[i]);
		parse(&b, &p);
		assert_int_equal(dvpn_get_counters(p.tb[DVPN_A_DROPS], DVPN_DROP_MAX, counters),
				 -EBADMSG);
		nlmsg_free(p.msg);
	}
}

static void test_nest_of_garbage(void **state)
{
	static const u8 garbage[][8] = {
		{ 0xff, 0xff, 0x02, 0x00 },			/* longer than the nest */
		{ 0x03, 0x00, 0x02, 0x00 },			/* shorter than its header */
		{ 0x04, 0x00, 0x02, 0x00, 0x01, 0x02, 0x03 },	/* bytes left over */
	};
	static const size_t lens[] = { 4, 4, 7 };
	u64 counters[DVPN_DROP_MAX + 1];
	unsigned int i;

	(void)state;
	for (i = 0; i < DVPN_ARRAY_LEN(lens); i++) {
		struct dvpn_build b;
		struct parsed p;

		start(&b, DVPN_CMD_DEV_GET);
		dvpn_put(&b, DVPN_A_DROPS, garbage[i], lens[i]);
		parse(&b, &p);
		assert_int_equal(dvpn_get_counters(p.tb[DVPN_A_DROPS], DVPN_DROP_MAX, counters),
				 -EBADMSG);
		nlmsg_free(p.msg);
	}
}

static void test_frame(void **state)
{
	static u8 data[DVPN_FRAME_MAX];
	static const u16 lens[] = { 1, 100, DVPN_FRAME_MAX };
	struct dvpn_frame frame = { .peer = udp_key(), .local = addr("198.51.100.1"),
				    .data = data };
	struct dvpn_frame back;
	struct dvpn_build b;
	struct parsed p;
	unsigned int i;

	(void)state;
	memset(data, 0x5a, sizeof(data));
	for (i = 0; i < DVPN_ARRAY_LEN(lens); i++) {
		frame.len = lens[i];
		start(&b, DVPN_CMD_FRAME);
		dvpn_put_u32(&b, DVPN_A_IFINDEX, 3);
		dvpn_put_frame(&b, &frame);
		dvpn_put_u32(&b, DVPN_A_SA_SPI, htonl(0x1234));
		dvpn_put_u32(&b, DVPN_A_SA_REQID, 5);
		dvpn_put_u32(&b, DVPN_A_SEQ, 6);
		dvpn_put_u32(&b, DVPN_A_LOST, 7);
		dvpn_put_u32(&b, DVPN_A_GENERATION, 8);
		dvpn_put_u32(&b, DVPN_A_LINK_IFINDEX, 9);
		parse(&b, &p);
		assert_int_equal(dvpn_get_frame(p.tb, &back), 0);
		assert_int_equal(back.ifindex, 3);
		assert_int_equal(back.len, lens[i]);
		assert_memory_equal(back.data, data, lens[i]);
		assert_true(dvpn_peer_key_equal(&back.peer, &frame.peer));
		assert_true(dvpn_addr_equal(&back.local, &frame.local));
		assert_true(back.sa.present);
		assert_int_equal(back.sa.spi, htonl(0x1234));
		assert_int_equal(back.sa.reqid, 5);
		assert_int_equal(back.stamp.seq, 6);
		assert_int_equal(back.stamp.lost, 7);
		assert_int_equal(back.stamp.generation, 8);
		assert_int_equal(back.link_ifindex, 9);
		p.tb[DVPN_A_NBMA6] = NULL;
		assert_int_equal(dvpn_get_frame(p.tb, &back), -EBADMSG);
		nlmsg_free(p.msg);
	}
	frame.len = 0;
	start(&b, DVPN_CMD_FRAME);
	dvpn_put_frame(&b, &frame);
	assert_build_fails(&b, -EINVAL);
	frame.len = DVPN_FRAME_MAX + 1;
	start(&b, DVPN_CMD_FRAME);
	dvpn_put_frame(&b, &frame);
	assert_build_fails(&b, -EINVAL);
}

static void test_event(void **state)
{
	static const u8 excerpt[DVPN_EXCERPT_MAX] = { 0x45 };
	struct dvpn_addr src = addr("192.168.30.1");
	struct dvpn_addr dst = addr("192.168.40.1");
	struct dvpn_event_msg event;
	struct dvpn_build b;
	struct parsed p;

	(void)state;
	start(&b, DVPN_CMD_EVENT);
	dvpn_put_u8(&b, DVPN_A_EVENT, DVPN_EVENT_REDIRECT);
	dvpn_put_u32(&b, DVPN_A_IFINDEX, 3);
	dvpn_put(&b, DVPN_A_IFNAME, "dvpn0", 6);
	dvpn_put_addr(&b, DVPN_A_SRC4, DVPN_A_SRC6, &src);
	dvpn_put_addr(&b, DVPN_A_DST4, DVPN_A_DST6, &dst);
	dvpn_put_u32(&b, DVPN_A_PEER_ID, 4);
	dvpn_put_u32(&b, DVPN_A_INNER_LEN, 1400);
	dvpn_put(&b, DVPN_A_EXCERPT, excerpt, sizeof(excerpt));
	dvpn_put_u8(&b, DVPN_A_REASON, DVPN_REASON_ICMP);
	dvpn_put_u32(&b, DVPN_A_ERRNO, EHOSTUNREACH);
	parse(&b, &p);
	assert_int_equal(dvpn_get_event(p.tb, &event), 0);
	assert_int_equal(event.type, DVPN_EVENT_REDIRECT);
	assert_string_equal(event.ifname, "dvpn0");
	assert_true(dvpn_addr_equal(&event.src, &src));
	assert_true(dvpn_addr_equal(&event.dst, &dst));
	assert_int_equal(event.map.has, DVPN_MAP_HAS_PEER_ID);
	assert_int_equal(event.map.peer_id, 4);
	assert_int_equal(event.inner_len, 1400);
	assert_int_equal(event.excerpt_len, sizeof(excerpt));
	assert_memory_equal(event.excerpt, excerpt, sizeof(excerpt));
	assert_int_equal(event.reason, DVPN_REASON_ICMP);
	assert_int_equal(event.error, EHOSTUNREACH);
	assert_false(event.sa.present);
	p.tb[DVPN_A_EVENT] = NULL;
	assert_int_equal(dvpn_get_event(p.tb, &event), -EBADMSG);
	nlmsg_free(p.msg);
}

/* Every attribute with every length up to a bit more than what is right. */
static void test_attribute_lengths(void **state)
{
	static const u8 zero[DVPN_FRAME_MAX + 8];
	unsigned int type;

	(void)state;
	for (type = 1; type <= DVPN_A_MAX; type++) {
		const struct dvpn_rule *rule = &dvpn_genl_rules[type];
		size_t limit = rule->kind == DVPN_KIND_BYTES ? rule->max + 2 : 20;
		size_t len;

		assert_int_not_equal(rule->kind, DVPN_KIND_UNKNOWN);
		for (len = 0; len <= limit; len++) {
			const struct nlattr *tb[DVPN_A_MAX + 1];
			struct dvpn_build b;
			u8 cmd;
			int err, want = -EBADMSG;

			start(&b, DVPN_CMD_EVENT);
			dvpn_put(&b, type, zero, len);
			assert_int_equal(b.err, 0);
			err = dvpn_parse_genl(nlmsg_hdr(b.msg), &cmd, tb);
			if ((rule->kind == DVPN_KIND_U8 && len == 1) ||
			    (rule->kind == DVPN_KIND_U16 && len == 2) ||
			    (rule->kind == DVPN_KIND_U32 && len == 4) ||
			    (rule->kind == DVPN_KIND_U64 && len == 8) ||
			    (rule->kind == DVPN_KIND_BITFIELD && len == 8) ||
			    (rule->kind == DVPN_KIND_IN6 && len == 16) ||
			    (rule->kind == DVPN_KIND_NAME && len && len <= IF_NAMESIZE) ||
			    (rule->kind == DVPN_KIND_BYTES && len <= rule->max) ||
			    rule->kind == DVPN_KIND_COUNTERS || rule->kind == DVPN_KIND_PAD)
				want = 0;
			assert_int_equal(err, want);
			nlmsg_free(b.msg);
		}
	}
}

static void test_name_without_end(void **state)
{
	struct dvpn_build b;
	const struct nlattr *tb[DVPN_A_MAX + 1];
	u8 cmd;

	(void)state;
	start(&b, DVPN_CMD_EVENT);
	dvpn_put(&b, DVPN_A_IFNAME, "0123456789abcdef", 16);
	assert_int_equal(dvpn_parse_genl(nlmsg_hdr(b.msg), &cmd, tb), -EBADMSG);
	nlmsg_free(b.msg);
}

static void test_unknown_attribute(void **state)
{
	struct dvpn_build b;
	struct parsed p;

	(void)state;
	start(&b, DVPN_CMD_EVENT);
	dvpn_put(&b, DVPN_A_MAX + 1, "newer", 5);
	dvpn_put_u8(&b, DVPN_A_EVENT, DVPN_EVENT_MAX + 1);
	parse(&b, &p);
	assert_int_equal(dvpn_get_u8(p.tb[DVPN_A_EVENT]), DVPN_EVENT_MAX + 1);
	nlmsg_free(p.msg);
}

static void test_both_families(void **state)
{
	static const int pairs[][2] = {
		{ DVPN_A_PROTO4, DVPN_A_PROTO6 }, { DVPN_A_NBMA4, DVPN_A_NBMA6 },
		{ DVPN_A_LOCAL4, DVPN_A_LOCAL6 }, { DVPN_A_SRC4, DVPN_A_SRC6 },
		{ DVPN_A_DST4, DVPN_A_DST6 },
	};
	struct dvpn_addr a4 = addr("192.0.2.1");
	struct dvpn_addr a6 = addr("2001:db8::1");
	unsigned int i;

	(void)state;
	for (i = 0; i < DVPN_ARRAY_LEN(pairs); i++) {
		struct dvpn_event_msg event;
		struct dvpn_build b;
		struct parsed p;

		start(&b, DVPN_CMD_EVENT);
		dvpn_put_u8(&b, DVPN_A_EVENT, DVPN_EVENT_MISS);
		dvpn_put_u32(&b, DVPN_A_IFINDEX, 3);
		dvpn_put_addr(&b, pairs[i][0], pairs[i][1], &a4);
		dvpn_put_addr(&b, pairs[i][0], pairs[i][1], &a6);
		parse(&b, &p);
		assert_int_equal(dvpn_get_event(p.tb, &event), -EBADMSG);
		nlmsg_free(p.msg);
	}
}

static void test_prefix_too_long(void **state)
{
	struct dvpn_addr a4 = addr("192.0.2.1");
	struct dvpn_build b;
	struct dvpn_map map;
	struct parsed p;

	(void)state;
	start(&b, DVPN_CMD_MAP_GET);
	dvpn_put_addr(&b, DVPN_A_PROTO4, DVPN_A_PROTO6, &a4);
	dvpn_put_u8(&b, DVPN_A_PREFIXLEN, 33);
	parse(&b, &p);
	assert_int_equal(dvpn_get_map(p.tb, &map), -EBADMSG);
	nlmsg_free(p.msg);
}

/* Each truncation is refused or gives a shorter message, and nothing is read beyond. */
static void test_truncation(void **state)
{
	struct dvpn_map map = full_map();
	struct dvpn_build b;
	struct parsed p;
	size_t len, whole, intact = 0;
	unsigned int type;

	(void)state;
	put_map_message(&b, &map);
	parse(&b, &p);
	whole = nlmsg_hdr(p.msg)->nlmsg_len;
	for (len = NLMSG_HDRLEN; len < whole; len++) {
		struct nlmsghdr *cut = malloc(len);
		const struct nlattr *tb[DVPN_A_MAX + 1];
		u8 cmd;

		memcpy(cut, nlmsg_hdr(p.msg), len);
		cut->nlmsg_len = len;
		if (!dvpn_parse_genl(cut, &cmd, tb)) {
			/* Cut between two attributes: those that are left are whole. */
			for (type = 0; type <= DVPN_A_MAX; type++)
				assert_true(!tb[type] ||
					    (u8 *)tb[type] + tb[type]->nla_len <= (u8 *)cut + len);
			assert_int_equal(dvpn_get_map(tb, &map), 0);
			intact++;
		}
		free(cut);
	}
	/* The message has some dozen attributes and hundreds of bytes. */
	assert_true(intact > 0 && intact < whole / 4);
	nlmsg_free(p.msg);
}

static int count_messages(const struct nlmsghdr *nlh, void *ctx)
{
	(void)nlh;
	(*(int *)ctx)++;
	return 0;
}

static void test_walk(void **state)
{
	struct nlmsghdr two[2] = { { .nlmsg_len = 16 }, { .nlmsg_len = 16 } };
	int n = 0;

	(void)state;
	assert_int_equal(dvpn_walk(two, sizeof(two), count_messages, &n), 0);
	assert_int_equal(n, 2);
	two[1].nlmsg_len = 17;
	assert_int_equal(dvpn_walk(two, sizeof(two), count_messages, &n), -EBADMSG);
	two[1].nlmsg_len = 15;
	assert_int_equal(dvpn_walk(two, sizeof(two), count_messages, &n), -EBADMSG);
	two[1].nlmsg_len = 0;
	assert_int_equal(dvpn_walk(two, sizeof(two), count_messages, &n), -EBADMSG);
	assert_int_equal(dvpn_walk(two, sizeof(two) - 1, count_messages, &n), -EBADMSG);
}

/* A refusal as the kernel writes it: the request quoted, a text, where it was wrong (@type:
 * NLMSGERR_ATTR_OFFS) or what is missing (NLMSGERR_ATTR_MISS_TYPE).
 */
static struct nl_msg *refusal(int error, struct nl_msg *request, int type, u32 value)
{
	struct nlmsghdr *quote = nlmsg_hdr(request);
	struct nl_msg *msg = nlmsg_alloc();
	struct nlmsghdr *nlh = nlmsg_put(msg, 0, 1, NLMSG_ERROR, 0, NLM_F_ACK_TLVS);

	assert_non_null(nlh);
	assert_int_equal(nlmsg_append(msg, &error, sizeof(error), NLMSG_ALIGNTO), 0);
	assert_int_equal(nlmsg_append(msg, quote, quote->nlmsg_len, NLMSG_ALIGNTO), 0);
	assert_int_equal(nla_put_string(msg, NLMSGERR_ATTR_MSG, "no good"), 0);
	assert_int_equal(nla_put_u32(msg, type, value), 0);
	return msg;
}

static void test_refusal(void **state)
{
	struct dvpn_build b;
	struct parsed p;
	struct nl_msg *msg;
	char text[DVPN_TEXT_MAX];
	u32 offset;
	size_t len;

	(void)state;
	start(&b, DVPN_CMD_MAP_NEW);
	dvpn_put_u32(&b, DVPN_A_IFINDEX, 3);
	dvpn_put_u8(&b, DVPN_A_PREFIXLEN, 3);
	parse(&b, &p);
	offset = NLMSG_HDRLEN + GENL_HDRLEN + 8;

	msg = refusal(-EINVAL, p.msg, NLMSGERR_ATTR_OFFS, offset);
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY, text), -EINVAL);
	assert_string_equal(text, "no good (attribute prefixlen)");
	/* Another family's attributes have other names. */
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY + 1, text), -EINVAL);
	assert_string_equal(text, "no good");
	for (len = NLMSG_HDRLEN; len < nlmsg_hdr(msg)->nlmsg_len; len++) {
		struct nlmsghdr *cut = malloc(len);

		memcpy(cut, nlmsg_hdr(msg), len);
		cut->nlmsg_len = len;
		assert_true(dvpn_parse_ack(cut, FAMILY, text) < 0);
		free(cut);
	}
	nlmsg_free(msg);

	/* An offset outside of what is quoted names nothing. */
	for (offset = 0; offset < 4096; offset++) {
		msg = refusal(-EINVAL, p.msg, NLMSGERR_ATTR_OFFS, offset);
		assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY, text), -EINVAL);
		if (offset != 20 && offset != 28)
			assert_string_not_equal(text, "no good (attribute prefixlen)");
		nlmsg_free(msg);
	}
	msg = refusal(-EINVAL, p.msg, NLMSGERR_ATTR_OFFS, 0xfffffffc);
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY, text), -EINVAL);
	assert_string_equal(text, "no good");
	nlmsg_free(msg);

	msg = refusal(-EINVAL, p.msg, NLMSGERR_ATTR_MISS_TYPE, DVPN_A_NBMA4);
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY, text), -EINVAL);
	assert_string_equal(text, "no good (attribute nbma4)");
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY + 1, text), -EINVAL);
	assert_string_equal(text, "no good");
	nlmsg_free(msg);
	/* One that a later kernel has. */
	msg = refusal(-EINVAL, p.msg, NLMSGERR_ATTR_MISS_TYPE, 0xffffffff);
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY, text), -EINVAL);
	nlmsg_free(msg);

	msg = refusal(EINVAL, p.msg, NLMSGERR_ATTR_OFFS, 0);
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY, text), -EBADMSG);
	nlmsg_free(msg);
	nlmsg_free(p.msg);
}

static void test_ack(void **state)
{
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr err;
	} ack = {
		.nlh = {
			.nlmsg_len = sizeof(ack),
			.nlmsg_type = NLMSG_ERROR,
			.nlmsg_flags = NLM_F_CAPPED,
		},
	};
	char text[DVPN_TEXT_MAX];

	(void)state;
	assert_int_equal(dvpn_parse_ack(&ack.nlh, FAMILY, text), 0);
	assert_string_equal(text, "");
	ack.err.error = -ENOENT;
	assert_int_equal(dvpn_parse_ack(&ack.nlh, FAMILY, text), -ENOENT);
	/* A quote that claims more than there is. */
	ack.nlh.nlmsg_flags = 0;
	ack.err.msg.nlmsg_len = 1000;
	assert_int_equal(dvpn_parse_ack(&ack.nlh, FAMILY, text), -EBADMSG);
}

static struct nl_msg *link_message(bool clear)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct ifinfomsg ifi = { .ifi_index = 7, .ifi_flags = IFF_UP };
	struct nla_bitfield32 flags = { DVPN_LINK_F_KEY | DVPN_LINK_F_LINK, DVPN_LINK_F_ALL };
	struct dvpn_addr local = addr(clear ? "0.0.0.0" : "192.0.2.1");
	struct nlattr *info, *data;

	assert_non_null(nlmsg_put(msg, 0, 1, RTM_NEWLINK, 0, 0));
	assert_int_equal(nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO), 0);
	assert_int_equal(nla_put_string(msg, IFLA_IFNAME, "dvpn0"), 0);
	assert_int_equal(nla_put_u32(msg, IFLA_MTU, 1400), 0);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	assert_int_equal(nla_put_string(msg, IFLA_INFO_KIND, "dvpn"), 0);
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	assert_int_equal(nla_put(msg, IFLA_DVPN_LOCAL4, 4, local.bytes), 0);
	assert_int_equal(nla_put_string(msg, IFLA_DVPN_LINK_NAME, "eth0"), 0);
	assert_int_equal(nla_put_u32(msg, IFLA_DVPN_LINK, 2), 0);
	assert_int_equal(nla_put_u32(msg, IFLA_DVPN_KEY, htonl(42)), 0);
	assert_int_equal(nla_put(msg, IFLA_DVPN_FLAGS, sizeof(flags), &flags), 0);
	assert_int_equal(nla_put_u8(msg, IFLA_DVPN_TTL, 64), 0);
	assert_int_equal(nla_put_u32(msg, IFLA_DVPN_DOMAIN, 3), 0);
	assert_int_equal(nla_put_u8(msg, IFLA_DVPN_DOWN_REASON, DVPN_DOWN_NO_LINK), 0);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return msg;
}

static void test_link(void **state)
{
	struct nl_msg *msg = link_message(false);
	struct dvpn_link link;
	size_t len;

	(void)state;
	assert_int_equal(dvpn_get_link(nlmsg_hdr(msg), &link), 0);
	assert_int_equal(link.ifindex, 7);
	assert_string_equal(link.ifname, "dvpn0");
	assert_true(link.is_dvpn);
	assert_true(link.up);
	assert_false(link.carrier);
	assert_int_equal(link.mtu, 1400);
	assert_int_equal(link.local4.family, AF_INET);
	assert_int_equal(link.local6.family, AF_UNSPEC);
	assert_string_equal(link.link_name, "eth0");
	assert_int_equal(link.link_ifindex, 2);
	assert_int_equal(link.key, 42);
	assert_int_equal(link.flags, DVPN_LINK_F_KEY | DVPN_LINK_F_LINK);
	assert_int_equal(link.ttl, 64);
	assert_int_equal(link.domain, 3);
	assert_int_equal(link.down_reason, DVPN_DOWN_NO_LINK);
	for (len = NLMSG_HDRLEN; len < nlmsg_hdr(msg)->nlmsg_len; len++) {
		struct nlmsghdr *cut = malloc(len);

		memcpy(cut, nlmsg_hdr(msg), len);
		cut->nlmsg_len = len;
		dvpn_get_link(cut, &link);
		free(cut);
	}
	nlmsg_free(msg);

	msg = link_message(true);
	assert_int_equal(dvpn_get_link(nlmsg_hdr(msg), &link), 0);
	assert_int_equal(link.local4.family, AF_UNSPEC);
	nlmsg_free(msg);
}

static void test_addr(void **state)
{
	struct dvpn_addr a = {};
	char text[DVPN_ADDR_STRLEN];

	(void)state;
	assert_string_equal(dvpn_addr_str(&a, text), "none");
	assert_true(dvpn_addr_is_any(&a));
	assert_int_equal(dvpn_addr_parse("192.0.2", &a), -EINVAL);
	assert_int_equal(dvpn_addr_parse("", &a), -EINVAL);
	assert_int_equal(dvpn_addr_parse("2001:db8::g", &a), -EINVAL);
	a = addr("2001:db8::1");
	assert_int_equal(dvpn_addr_len(&a), 16);
	assert_string_equal(dvpn_addr_str(&a, text), "2001:db8::1");
	assert_false(dvpn_addr_is_any(&a));
	a = addr("192.0.2.1");
	assert_int_equal(dvpn_addr_len(&a), 4);
	assert_string_equal(dvpn_addr_str(&a, text), "192.0.2.1");
	a = addr("::");
	assert_true(dvpn_addr_is_any(&a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_answer),
		cmocka_unit_test(test_map_given_back),
		cmocka_unit_test(test_map_by_id),
		cmocka_unit_test(test_map_refused),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_peer),
		cmocka_unit_test(test_peer_answer),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_dev),
		cmocka_unit_test(test_counter_of_wrong_length),
		cmocka_unit_test(test_nest_of_garbage),
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_attribute_lengths),
		cmocka_unit_test(test_name_without_end),
		cmocka_unit_test(test_unknown_attribute),
		cmocka_unit_test(test_both_families),
		cmocka_unit_test(test_prefix_too_long),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_ack),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_addr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
