// SPDX-License-Identifier: GPL-2.0
/* Addresses and peer keys as values. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/dvpn.h"

unsigned int dvpn_addr_len(const struct dvpn_addr *addr)
{
	if (addr->family == AF_INET)
		return 4;
	return addr->family == AF_INET6 ? 16 : 0;
}

bool dvpn_addr_equal(const struct dvpn_addr *a, const struct dvpn_addr *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, dvpn_addr_len(a));
}

bool dvpn_addr_is_any(const struct dvpn_addr *addr)
{
	static const u8 zero[16];

	return !memcmp(addr->bytes, zero, dvpn_addr_len(addr));
}

int dvpn_addr_parse(const char *text, struct dvpn_addr *addr)
{
	struct dvpn_addr a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	if (inet_pton(a.family, text, a.bytes) != 1)
		return -EINVAL;
	*addr = a;
	return 0;
}

const char *dvpn_addr_str(const struct dvpn_addr *addr, char buf[DVPN_ADDR_STRLEN])
{
	if (!dvpn_addr_len(addr))
		snprintf(buf, DVPN_ADDR_STRLEN, "none");
	else
		inet_ntop(addr->family, addr->bytes, buf, DVPN_ADDR_STRLEN);
	return buf;
}

bool dvpn_peer_key_equal(const struct dvpn_peer_key *a, const struct dvpn_peer_key *b)
{
	return a->encap == b->encap && a->port == b->port && a->mark == b->mark &&
	       a->xfrm_if_id == b->xfrm_if_id && dvpn_addr_equal(&a->nbma, &b->nbma);
}
