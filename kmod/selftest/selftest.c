// SPDX-License-Identifier: GPL-2.0
/* Runs the self-tests on a device that nobody sees. */

#include <linux/inet.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "group.h"
#include "selftest/selftest.h"
#include "table.h"

static const struct {
	const char *name;
	bool (*run)(struct dvpn_dev *dd);
} tests[] = {
	{ "map", dvpn_selftest_map },
	{ "prefix", dvpn_selftest_prefix },
	{ "expiry", dvpn_selftest_expiry },
	{ "nhs", dvpn_selftest_nhs },
	{ "peer", dvpn_selftest_peer },
	{ "group", dvpn_selftest_group },
	{ "limit", dvpn_selftest_limit },
	{ "mss", dvpn_selftest_mss },
};

static void key4(struct dvpn_map_key *key, u32 addr, u8 len)
{
	const union dvpn_ip ip = { .v4 = htonl(addr) };

	dvpn_map_key_init(key, AF_INET, &ip, len);
}

struct dvpn_map *dvpn_selftest_put(struct dvpn_dev *dd, u32 addr, u8 len,
				   u32 nbma, u32 flags, u8 preference,
				   s64 ttl_ns)
{
	const struct dvpn_map_attrs attrs = {
		.has_peer = true,
		.has_expires = true,
		.has_preference = true,
		.flags = flags,
		.flags_mask = DVPN_MAP_F_ALL,
		.peer.loc.nbma.v4 = htonl(nbma),
		.peer.loc.family = AF_INET,
		.expires_ns = ttl_ns ?
			      ktime_get_coarse_boottime_ns() + ttl_ns : 0,
		.preference = preference,
	};
	struct dvpn_map_key key;
	struct dvpn_map *map;
	int err;

	key4(&key, addr, len);
	map = dvpn_map_find(dd, &key);
	if (map)
		err = dvpn_map_replace(dd, map, &attrs, NULL);
	else
		err = dvpn_map_add(dd, &key, &attrs, NULL);

	return err ? NULL : dvpn_map_find(dd, &key);
}

void dvpn_selftest_del(struct dvpn_dev *dd, u32 addr, u8 len)
{
	struct dvpn_map_key key;
	struct dvpn_map *map;

	key4(&key, addr, len);
	map = dvpn_map_find(dd, &key);
	if (map)
		dvpn_map_remove(dd, map, DVPN_REASON_DELETED);
}

u32 dvpn_selftest_select(struct dvpn_dev *dd, u32 dst, u32 nexthop)
{
	const struct dvpn_addr next = {
		.ip.v4 = htonl(nexthop),
		.family = AF_INET,
	};
	const union dvpn_ip ip = { .v4 = htonl(dst) };
	struct dvpn_map *map;
	u32 nbma = 0;

	rcu_read_lock();
	if (dvpn_map_select(dd, AF_INET, &ip, &next, &map) !=
	    DVPN_ROUTE_UNREACHABLE && map)
		nbma = ntohl(map->peer->key.loc.nbma.v4);
	rcu_read_unlock();

	return nbma;
}

static bool is_empty(struct dvpn_dev *dd)
{
	return !dd->n_maps && !dd->n_peers && xa_empty(&dd->map_ids) &&
	       xa_empty(&dd->peer_ids) && !dd->n_mcast_peers &&
	       xa_empty(&dd->group_ids) && !dd->n_group_entries &&
	       list_empty(&dd->nhs_maps) && !rcu_access_pointer(dd->nhs) &&
	       !timerqueue_getnext(&dd->map_expiry) &&
	       !timerqueue_getnext(&dd->peer_expiry) &&
	       bitmap_empty(dd->prefix_used4, 33) &&
	       bitmap_empty(dd->prefix_used6, 129);
}

static bool run_all(struct dvpn_dev *dd)
{
	bool pass, all = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		if (dvpn_table_lock(dd))
			return false;
		pass = tests[i].run(dd);
		dvpn_expect(&pass, is_empty(dd));
		dvpn_table_unlock(dd);
		if (pass)
			pr_info("dvpn: %s self-tests: pass\n", tests[i].name);
		else
			pr_err("dvpn: %s self-tests: FAIL\n", tests[i].name);
		all &= pass;
	}

	return all;
}

static int table_init(struct dvpn_dev *dd)
{
	int err;

	err = dvpn_event_init(dd);
	if (err)
		return err;
	err = dvpn_peers_init(dd);
	if (err)
		goto err_event;
	err = dvpn_maps_init(dd);
	if (err)
		goto err_peers;
	err = dvpn_groups_init(dd);
	if (err)
		goto err_maps;

	return 0;

err_maps:
	dvpn_maps_destroy(dd);
err_peers:
	dvpn_peers_destroy(dd);
err_event:
	dvpn_event_destroy(dd);
	return err;
}

static void setup(struct net_device *dev)
{
}

bool dvpn_selftest(void)
{
	struct dvpn_conf conf = {
		.max_maps = DVPN_TABLE_LIMIT,
		.max_peers = DVPN_TABLE_LIMIT,
	};
	struct net_device *dev;
	struct dvpn_dev *dd;
	bool pass = false;

	dev = alloc_netdev(sizeof(*dd), "selftest", NET_NAME_UNKNOWN, setup);
	if (!dev)
		return false;
	dd = netdev_priv(dev);
	dd->dev = dev;
	dd->net = &init_net;
	rcu_assign_pointer(dd->conf, &conf);

	if (!table_init(dd)) {
		pass = run_all(dd);
		dvpn_maps_destroy(dd);
		dvpn_groups_destroy(dd);
		dvpn_peers_destroy(dd);
		dvpn_event_destroy(dd);
	}
	free_netdev(dev);
	/* Removed peers are freed by code of this module. */
	rcu_barrier();

	return pass;
}
