/* SPDX-License-Identifier: GPL-2.0 */
/* Messages for the tests of libdvpn: built, and read as if they had come from the kernel. */
#ifndef LIB_MESSAGE_H
#define LIB_MESSAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <netlink/msg.h>

#include "lib/internal.h"

#define FAMILY	0x30

/**
 * struct parsed - a message that was read
 * @msg: the message, to be freed
 * @cmd: of it
 * @tb: its attributes
 */
struct parsed {
	struct nl_msg *msg;
	u8 cmd;
	const struct nlattr *tb[DVPN_A_MAX + 1];
};

static inline struct dvpn_addr addr(const char *text)
{
	struct dvpn_addr a = {};

	assert_int_equal(dvpn_addr_parse(text, &a), 0);
	return a;
}

static inline void start(struct dvpn_build *b, u8 cmd)
{
	dvpn_build_start(b, FAMILY, cmd, 0, 2 * DVPN_FRAME_MAX);
}

/* Ends @b and reads it as if it had come from the kernel. */
static inline void parse(struct dvpn_build *b, struct parsed *p)
{
	int err;

	p->msg = dvpn_build_end(b, &err);
	assert_int_equal(err, 0);
	assert_int_equal(dvpn_parse_genl(nlmsg_hdr(p->msg), &p->cmd, p->tb), 0);
}

static inline void assert_build_fails(struct dvpn_build *b, int want)
{
	int err;

	assert_null(dvpn_build_end(b, &err));
	assert_int_equal(err, want);
}

static inline struct dvpn_peer_key udp_key(void)
{
	return (struct dvpn_peer_key){
		.encap = DVPN_ENCAP_UDP,
		.port = htons(4755),
		.mark = 7,
		.xfrm_if_id = 9,
		.nbma = addr("2001:db8::1"),
	};
}

static inline struct dvpn_map full_map(void)
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

static inline void put_map_message(struct dvpn_build *b, const struct dvpn_map *map)
{
	start(b, DVPN_CMD_MAP_NEW);
	dvpn_put_u32(b, DVPN_A_IFINDEX, map->ifindex);
	dvpn_put_map(b, map);
}

/* A nest of counters: @type with @len bytes of the value 77. */
static inline void put_counter(struct dvpn_build *b, int nest, int type, size_t len)
{
	static const u64 value[2] = { 77, 77 };
	struct nlattr *start = nla_nest_start(b->msg, nest);

	assert_non_null(start);
	dvpn_put(b, type, value, len);
	nla_nest_end(b->msg, start);
}

#endif /* LIB_MESSAGE_H */
