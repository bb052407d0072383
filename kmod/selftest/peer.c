// SPDX-License-Identifier: GPL-2.0
/* Self-tests of peers and of the rate limits. */

#include <linux/jiffies.h>
#include <linux/mm.h>

#include "limit.h"
#include "selftest/selftest.h"
#include "table.h"

#define NBMA(n)		(0xc0000200 + (n))	/* 192.0.2.n */
#define PROTO(n)	(0x0a000000 + (n))	/* 10.0.0.n */

static struct dvpn_peer *peer_make(struct dvpn_dev *dd, u32 mark, u32 mask)
{
	const struct dvpn_peer_key key = {
		.loc.nbma.v4 = htonl(NBMA(1)),
		.loc.family = AF_INET,
		.mark = mark,
	};
	const struct dvpn_peer_attrs attrs = {
		.has_mark_mask = true,
		.mark_mask = mask,
	};
	struct dvpn_peer *peer = dvpn_peer_create(dd, &key, 0, NULL);

	if (IS_ERR(peer))
		return NULL;
	peer->explicit = true;
	dvpn_peer_change(dd, peer, &attrs, NULL);

	return peer;
}

static struct dvpn_peer *find_rx(struct dvpn_dev *dd, u32 nbma, u32 mark)
{
	const struct dvpn_locator loc = {
		.nbma.v4 = htonl(nbma),
		.family = AF_INET,
	};
	struct dvpn_peer *peer;

	rcu_read_lock();
	peer = dvpn_peer_find_rx(dd, &loc, mark, 0);
	rcu_read_unlock();

	return peer;
}

static bool peer_rx(struct dvpn_dev *dd)
{
	const struct dvpn_peer_attrs past = {
		.has_expires = true,
		.expires_ns = 1,
	};
	struct dvpn_peer *any, *five, *six;
	bool pass = true;

	/* Peers behind one address, told apart by their marks. */
	any = peer_make(dd, 0, 0);
	five = peer_make(dd, 5, 0xff);
	six = peer_make(dd, 6, 0xff);
	if (!any || !five || !six)
		return false;
	dvpn_expect(&pass, find_rx(dd, NBMA(1), 5) == five);
	dvpn_expect(&pass, find_rx(dd, NBMA(1), 0x106) == six);
	dvpn_expect(&pass, find_rx(dd, NBMA(1), 7) == any);
	dvpn_expect(&pass, !find_rx(dd, NBMA(2), 5));

	/* One whose time is over is not there, before anybody removes it. */
	dvpn_peer_change(dd, five, &past, NULL);
	dvpn_expect(&pass, find_rx(dd, NBMA(1), 5) == any);

	dvpn_peer_remove(dd, any, DVPN_REASON_DELETED);
	dvpn_peer_remove(dd, five, DVPN_REASON_DELETED);
	dvpn_peer_remove(dd, six, DVPN_REASON_DELETED);

	return pass;
}

bool dvpn_selftest_peer(struct dvpn_dev *dd)
{
	const struct dvpn_peer_attrs rx_only = {
		.flags = DVPN_PEER_F_RX_ONLY,
		.flags_mask = DVPN_PEER_F_RX_ONLY,
	};
	struct dvpn_peer *peer;
	bool pass = true;
	struct dvpn_map *map;

	/* A peer that a mapping made goes with the last mapping. */
	map = dvpn_selftest_put(dd, PROTO(1), 32, NBMA(1), 0, 0, 0);
	if (!map)
		return false;
	peer = map->peer;
	dvpn_selftest_put(dd, PROTO(2), 32, NBMA(1), DVPN_MAP_F_MULTICAST, 0,
			  0);
	dvpn_expect(&pass, dd->n_peers == 1 && peer->n_maps == 2);

	/* It takes multicast once, however many of its mappings say so. */
	dvpn_expect(&pass, dd->n_mcast_peers == 1);
	dvpn_selftest_put(dd, PROTO(1), 32, NBMA(1), DVPN_MAP_F_MULTICAST, 0,
			  0);
	dvpn_expect(&pass, dd->n_mcast_peers == 1);
	dvpn_expect(&pass, peer->n_mcast == 2);
	dvpn_selftest_put(dd, PROTO(1), 32, NBMA(1),
			  DVPN_MAP_F_MULTICAST | DVPN_MAP_F_PROBATION, 0, 0);
	dvpn_expect(&pass, peer->n_mcast == 1);
	dvpn_selftest_del(dd, PROTO(2), 32);
	dvpn_expect(&pass, !dd->n_mcast_peers && dd->n_peers == 1);
	dvpn_selftest_put(dd, PROTO(1), 32, NBMA(1), DVPN_MAP_F_MULTICAST, 0,
			  0);
	dvpn_expect(&pass, dd->n_mcast_peers == 1);

	/* Nothing is sent to one that is there for receive only. */
	dvpn_expect(&pass, dvpn_selftest_select(dd, PROTO(1), PROTO(1)) ==
			   NBMA(1));
	dvpn_peer_change(dd, peer, &rx_only, NULL);
	dvpn_expect(&pass, !dd->n_mcast_peers);
	dvpn_expect(&pass, !dvpn_selftest_select(dd, PROTO(1), PROTO(1)));
	dvpn_expect(&pass, find_rx(dd, NBMA(1), 0) == peer);

	dvpn_selftest_del(dd, PROTO(1), 32);
	dvpn_expect(&pass, !find_rx(dd, NBMA(1), 0) && !dd->n_peers);

	/* One whose mappings have all expired is not there, before anybody
	 * removes it.
	 */
	dvpn_selftest_put(dd, PROTO(1), 32, NBMA(1), 0, 0, 3600 * NSEC_PER_SEC);
	dvpn_expect(&pass, find_rx(dd, NBMA(1), 0));
	dvpn_selftest_put(dd, PROTO(1), 32, NBMA(1), 0, 0, -1);
	dvpn_expect(&pass, !find_rx(dd, NBMA(1), 0));
	dvpn_selftest_put(dd, PROTO(2), 32, NBMA(1), 0, 0, 0);
	dvpn_expect(&pass, find_rx(dd, NBMA(1), 0));
	dvpn_selftest_del(dd, PROTO(2), 32);
	dvpn_selftest_del(dd, PROTO(1), 32);
	dvpn_expect(&pass, !find_rx(dd, NBMA(1), 0));
	dvpn_expect(&pass, peer_rx(dd));

	return pass;
}

bool dvpn_selftest_limit(struct dvpn_dev *dd)
{
	enum { BURST = 50 };
	struct dvpn_limiter *limiter;
	unsigned int passed = 0;
	bool pass = true;
	u32 key;

	/* A rate so low that no token comes back in the time of the test. */
	limiter = dvpn_limiter_new(64, 3600 * HZ, 0, BURST);
	if (!limiter)
		return false;
	key = 1;
	dvpn_expect(&pass, dvpn_limiter_pass(limiter, &key, sizeof(key)));
	dvpn_expect(&pass, !dvpn_limiter_pass(limiter, &key, sizeof(key)));
	for (key = 2; key < 1000; key++)
		passed += dvpn_limiter_pass(limiter, &key, sizeof(key));
	dvpn_expect(&pass, passed == BURST - 1);
	kvfree(limiter);

	/* When the interval is over the key may pass again. */
	limiter = dvpn_limiter_new(64, 0, 0, BURST);
	if (!limiter)
		return false;
	key = 1;
	dvpn_expect(&pass, dvpn_limiter_pass(limiter, &key, sizeof(key)));
	dvpn_expect(&pass, dvpn_limiter_pass(limiter, &key, sizeof(key)));
	kvfree(limiter);

	return pass;
}
