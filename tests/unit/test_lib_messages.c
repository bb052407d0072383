// SPDX-License-Identifier: GPL-2.0
/* libdvpn: every message built and read back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "lib_message.h"

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
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_addr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
