// SPDX-License-Identifier: GPL-2.0
/* Self-tests of mappings, prefixes, expiry and the choice of the NHS. */

#include <linux/inetdevice.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "selftest/selftest.h"
#include "table.h"

#define NBMA(n)		(0xc0000200 + (n))	/* 192.0.2.n */
#define PROTO(n)	(0x0a000000 + (n))	/* 10.0.0.n */
#define ELSE		0x0a630000		/* 10.99.0.0: nothing is there */

#define put(addr, len, nbma, flags) \
	dvpn_selftest_put(dd, addr, len, nbma, flags, 0, 0)
#define del(addr, len)	dvpn_selftest_del(dd, addr, len)
#define sel(dst, next)	dvpn_selftest_select(dd, dst, next)

bool dvpn_selftest_map(struct dvpn_dev *dd)
{
	u32 generation = dd->generation;
	struct dvpn_map *map, *again;
	bool pass = true;
	u32 id;

	map = put(PROTO(1), 32, NBMA(1), 0);
	dvpn_expect(&pass, map);
	if (!map)
		return false;
	id = map->id;
	dvpn_expect(&pass, dd->generation != generation);
	dvpn_expect(&pass, sel(ELSE, PROTO(1)) == NBMA(1));
	dvpn_expect(&pass, sel(PROTO(1), PROTO(2)) == 0);

	/* A change is a copy in the same place, with the same id. */
	again = put(PROTO(1), 32, NBMA(2), DVPN_MAP_F_STATIC);
	dvpn_expect(&pass, again != map && again->id == id);
	dvpn_expect(&pass, xa_load(&dd->map_ids, id) == again);
	dvpn_expect(&pass, sel(ELSE, PROTO(1)) == NBMA(2));
	dvpn_expect(&pass, dd->n_maps == 1 && dd->n_peers == 1);

	/* An unreachable mapping must expire; the old one stays. */
	dvpn_expect(&pass, !put(PROTO(1), 32, NBMA(3),
				DVPN_MAP_F_UNREACHABLE));
	dvpn_expect(&pass, sel(ELSE, PROTO(1)) == NBMA(2));
	dvpn_expect(&pass, dd->n_peers == 1);

	/* An id does not come back. */
	del(PROTO(1), 32);
	dvpn_expect(&pass, sel(ELSE, PROTO(1)) == 0);
	again = put(PROTO(1), 32, NBMA(1), 0);
	dvpn_expect(&pass, again && again->id == id + 1);
	del(PROTO(1), 32);

	return pass;
}

/* Prefixes at random, against a search through all of them. */
static bool prefix_random(struct dvpn_dev *dd)
{
	enum { N = 200, LOOKUPS = 2000 };
	struct { u32 addr; u8 len; bool there; } *all;
	unsigned int i, k, wrong = 0;
	u32 addr, want;
	int best;

	all = kcalloc(N, sizeof(*all), GFP_KERNEL);
	if (!all)
		return false;

	/* Few bits, so that many lie within others. */
	for (i = 0; i < N; i++) {
		all[i].len = get_random_u32() % 32;
		all[i].addr = (get_random_u32() & 0xf0f0f0f0) &
			      ntohl(inet_make_mask(all[i].len));
		for (k = 0; k < i; k++)
			if (all[k].addr == all[i].addr &&
			    all[k].len == all[i].len)
				break;
		all[i].there = k == i &&
			       put(all[i].addr, all[i].len, NBMA(i + 1), 0);
	}

	for (k = 0; k < LOOKUPS; k++) {
		if (k == LOOKUPS / 2)
			for (i = 0; i < N; i += 2)
				if (all[i].there) {
					del(all[i].addr, all[i].len);
					all[i].there = false;
				}
		addr = get_random_u32() & 0xf0f0f0ff;
		best = -1;
		for (i = 0; i < N; i++)
			if (all[i].there &&
			    !((addr ^ all[i].addr) &
			      ntohl(inet_make_mask(all[i].len))) &&
			    (best < 0 || all[i].len > all[best].len))
				best = i;
		want = best < 0 ? 0 : NBMA(best + 1);
		wrong += sel(addr, ELSE) != want;
	}

	for (i = 0; i < N; i++)
		if (all[i].there)
			del(all[i].addr, all[i].len);
	kfree(all);

	return !wrong;
}

static bool prefix_ipv6(struct dvpn_dev *dd)
{
	struct dvpn_map_attrs attrs = {
		.has_peer = true,
		.peer.loc.nbma.v4 = htonl(NBMA(1)),
		.peer.loc.family = AF_INET,
	};
	union dvpn_ip ip = { .words = { 0xffffffff, 0xffffffff,
					0xffffffff, 0xffffffff } };
	struct dvpn_addr next = { .family = AF_INET6 };
	unsigned int len, wrong = 0;
	struct dvpn_map_key key;
	struct dvpn_map *map;

	/* From the shortest to the longest, the last one wins each time. */
	for (len = 0; len <= 128; len++) {
		dvpn_map_key_init(&key, AF_INET6, &ip, len);
		attrs.flags = len == 128 ? DVPN_MAP_F_SHORTCUT : 0;
		attrs.flags_mask = attrs.flags;
		wrong += !!dvpn_map_add(dd, &key, &attrs, NULL);
		rcu_read_lock();
		dvpn_map_select(dd, AF_INET6, &ip, &next, &map);
		wrong += !map || map->key.prefixlen != len;
		rcu_read_unlock();
	}
	for (len = 0; len <= 128; len++) {
		dvpn_map_key_init(&key, AF_INET6, &ip, len);
		map = dvpn_map_find(dd, &key);
		if (map)
			dvpn_map_remove(dd, map, DVPN_REASON_DELETED);
	}

	return !wrong;
}

bool dvpn_selftest_prefix(struct dvpn_dev *dd)
{
	bool pass = true;

	/* A host is for next hops, a shortcut for destinations as well. */
	put(PROTO(1), 32, NBMA(1), 0);
	dvpn_expect(&pass, bitmap_empty(dd->prefix_used4, 33));
	dvpn_expect(&pass, sel(PROTO(1), ELSE) == 0);
	put(PROTO(1), 32, NBMA(1), DVPN_MAP_F_SHORTCUT);
	dvpn_expect(&pass, test_bit(32, dd->prefix_used4));
	dvpn_expect(&pass, sel(PROTO(1), ELSE) == NBMA(1));
	put(PROTO(1), 32, NBMA(1), 0);
	dvpn_expect(&pass, bitmap_empty(dd->prefix_used4, 33));

	/* The default route of shortcuts, and what is passed over. */
	put(0, 0, NBMA(2), 0);
	put(PROTO(0), 24, NBMA(3), 0);
	dvpn_expect(&pass, bitmap_weight(dd->prefix_used4, 33) == 2);
	dvpn_expect(&pass, sel(PROTO(9), ELSE) == NBMA(3));
	dvpn_expect(&pass, sel(ELSE, PROTO(1)) == NBMA(2));
	put(PROTO(0), 24, NBMA(3), DVPN_MAP_F_PROBATION);
	dvpn_expect(&pass, sel(PROTO(9), ELSE) == NBMA(2));
	del(0, 0);
	dvpn_expect(&pass, sel(PROTO(9), ELSE) == 0);
	dvpn_expect(&pass, sel(PROTO(9), PROTO(1)) == NBMA(1));
	del(PROTO(0), 24);
	del(PROTO(1), 32);
	dvpn_expect(&pass, bitmap_empty(dd->prefix_used4, 33));

	dvpn_expect(&pass, prefix_random(dd));
	dvpn_expect(&pass, prefix_ipv6(dd));

	return pass;
}

/* The table's lock is held throughout, so no garbage collection comes between. */
bool dvpn_selftest_expiry(struct dvpn_dev *dd)
{
	struct dvpn_conf *conf = rcu_dereference_protected(dd->conf, true);
	struct timerqueue_node *first;
	struct dvpn_map *map;
	bool pass = true;

	dvpn_selftest_put(dd, PROTO(1), 32, NBMA(1), 0, 0, 1);
	dvpn_selftest_put(dd, PROTO(2), 32, NBMA(2), 0, 0, NSEC_PER_SEC * 99);
	dvpn_selftest_put(dd, PROTO(0), 24, NBMA(3), 0, 0, -NSEC_PER_SEC);
	map = dvpn_selftest_put(dd, PROTO(4), 32, NBMA(4), 0, 0,
				-2 * NSEC_PER_SEC);
	/* The order is that of time. */
	first = timerqueue_getnext(&dd->map_expiry);
	dvpn_expect(&pass, first == &map->expiry);

	/* What has expired is not found, though it is still there. */
	dvpn_expect(&pass, dd->n_maps == 4);
	dvpn_expect(&pass, sel(ELSE, PROTO(4)) == 0);
	dvpn_expect(&pass, sel(PROTO(9), ELSE) == 0);
	dvpn_expect(&pass, sel(ELSE, PROTO(2)) == NBMA(2));

	/* Without an agent the device may defer it. */
	conf->agent_grace_s = 60;
	dvpn_expect(&pass, sel(ELSE, PROTO(4)) == NBMA(4));
	dd->agent_gone_ns = 0;
	dvpn_expect(&pass, sel(ELSE, PROTO(4)) == 0);
	conf->agent_grace_s = 0;

	/* A change takes it out of the queue or puts it at another place. */
	put(PROTO(4), 32, NBMA(4), 0);
	dvpn_expect(&pass, sel(ELSE, PROTO(4)) == NBMA(4));
	first = timerqueue_getnext(&dd->map_expiry);
	dvpn_expect(&pass, first != &map->expiry);

	del(PROTO(1), 32);
	del(PROTO(2), 32);
	del(PROTO(4), 32);
	/* The next one who takes the lock removes the rest. */
	dvpn_table_unlock(dd);
	if (dvpn_table_lock(dd))
		return false;
	dvpn_expect(&pass, dd->n_maps == 0);

	return pass;
}

static struct dvpn_map *put_nhs(struct dvpn_dev *dd, u32 n, u8 preference,
				u32 flags, s64 ttl_ns)
{
	return dvpn_selftest_put(dd, PROTO(n), 32, NBMA(n),
				 DVPN_MAP_F_NHS | flags, preference, ttl_ns);
}

#define nhs(n, pref, flags, ttl_ns)	put_nhs(dd, n, pref, flags, ttl_ns)

bool dvpn_selftest_nhs(struct dvpn_dev *dd)
{
	const s64 past = -NSEC_PER_SEC;
	bool pass = true;

	nhs(1, 10, 0, 0);
	dvpn_expect(&pass, sel(ELSE, ELSE) == NBMA(1));
	nhs(2, 10, 0, 0);
	dvpn_expect(&pass, sel(ELSE, ELSE) == NBMA(1)); /* lowest id */
	nhs(3, 5, 0, 0);
	dvpn_expect(&pass, sel(ELSE, ELSE) == NBMA(3));
	nhs(3, 5, DVPN_MAP_F_PROBATION, 0);
	dvpn_expect(&pass, sel(ELSE, ELSE) == NBMA(1));
	dvpn_expect(&pass, sel(ELSE, PROTO(3)) == NBMA(1));
	nhs(3, 5, 0, 0);
	nhs(1, 1, 0, 0);
	dvpn_expect(&pass, sel(ELSE, ELSE) == NBMA(1));

	/* The default one expires: the next is found without anybody's help. */
	nhs(1, 1, 0, 2);
	rcu_assign_pointer(dd->nhs, nhs(1, 1, 0, past));
	dvpn_expect(&pass, sel(ELSE, ELSE) == NBMA(3));
	put(PROTO(3), 32, NBMA(3), 0);
	dvpn_expect(&pass, sel(ELSE, ELSE) == NBMA(2));
	del(PROTO(2), 32);
	dvpn_expect(&pass, sel(ELSE, ELSE) == 0);

	del(PROTO(1), 32);
	del(PROTO(3), 32);

	return pass;
}
