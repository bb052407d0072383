/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_DEVICE_H
#define DVPN_DEVICE_H

#include <linux/dvpn.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <linux/timerqueue.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/gro_cells.h>
#include <net/net_namespace.h>

#include "addr.h"
#include "drain.h"
#include "event.h"
#include "map.h"
#include "peer.h"
#include "stats.h"
#include "udp.h"

/* Mark in &dvpn_dev.peer_ids. */
#define DVPN_PEER_MCAST		XA_MARK_1

struct dvpn_mcast;
struct dvpn_miss_table;

/**
 * struct dvpn_conf - what "ip link" set
 * @dd: the device
 * @node4: in the tuples of the underlay namespace if the device serves IPv4
 *	there and is bound
 * @node6: the same for IPv6
 * @local4: our IPv4 NBMA address, 0: any
 * @local6: our IPv6 NBMA address, ::: any
 * @link_name: underlay interface by name, "" none
 * @link: its ifindex, 0 while it is absent
 * @link_is_l3mdev: @link is a VRF master
 * @key: GRE key, valid with DVPN_LINK_F_KEY
 * @flags: enum dvpn_link_flags
 * @port: UDP port, 0 no UDP
 * @udp: sockets that receive on @port; rtnl
 * @ttl: 0 inherit
 * @tos: 1 inherit
 * @df: enum dvpn_df
 * @mss: TCP MSS clamp for peers without one of their own
 * @domain: redirect domain, 0 this device alone
 * @fwmark: default mark
 * @if_id: default xfrm interface id
 * @max_maps: most mappings
 * @max_peers: most peers
 * @queue: packets held per unresolved next hop
 * @agent_grace_s: expiry is deferred so long while no agent is bound
 * @drain_node: in &dvpn_drain.confs when it was replaced; rtnl
 * @drain_until: jiffies until when it receives then
 * @rcu: frees it
 *
 * Immutable once visible. A change replaces it as a whole under rtnl, so one
 * packet sees one configuration.
 */
struct dvpn_conf {
	struct dvpn_dev *dd;
	struct hlist_node node4;
	struct hlist_node node6;
	__be32 local4;
	struct in6_addr local6;
	char link_name[IFNAMSIZ];
	int link;
	bool link_is_l3mdev;
	__be32 key;
	u32 flags;
	__be16 port;
	struct dvpn_udp udp;
	u8 ttl;
	u8 tos;
	u8 df;
	u16 mss;
	u32 domain;
	u32 fwmark;
	u32 if_id;
	u32 max_maps;
	u32 max_peers;
	u32 queue;
	u32 agent_grace_s;
	struct list_head drain_node;
	unsigned long drain_until;
	struct rcu_head rcu;
};

/**
 * struct dvpn_dev - one dvpn device (netdev_priv())
 * @dev: the netdevice
 * @net: underlay network namespace, fixed at creation
 * @conf: configuration; written under rtnl
 * @dst_gen: bumped to drop the cached routes of all peers
 * @nhs: best usable NHS mapping, or NULL; written under @table_lock. It may
 *	have expired since: readers call dvpn_nhs_get()
 * @maps: mappings by &struct dvpn_map_key; written under @table_lock
 * @prefix_count4: prefix mappings per length, for lookups longest first; the
 *	full length counts SHORTCUT hosts only
 * @prefix_count6: the same for IPv6
 * @prefix_used4: bit n: @prefix_count4[n] is not 0; read without lock
 * @prefix_used6: the same for IPv6
 * @prefix_filter: bit n: @prefix_filter_count[n] is not 0; read without lock, to
 *	spare a lookup that would find nothing
 * @n_mcast_peers: how many peers take multicast; read without lock
 * @groups: multicast groups that only some peers want, by &struct
 *	dvpn_group_key; written under @table_lock
 * @n_group_entries: peers in all @groups together; read without lock
 * @peers: peers by &struct dvpn_locator
 * @any_sport_peers: those that may send from any UDP port, by their locator
 *	without the port
 * @stats: per-CPU counters
 * @gro_cells: received packets enter the stack through these
 * @miss: unresolved next hops
 * @mcast: packets that wait for replication
 *
 * @table_lock: mutex over all writing to maps, peers, groups, ids and nhs;
 *	taken inside rtnl, never the other way round
 * @map_ids: id -> mapping, cyclic
 * @peer_ids: id -> peer, cyclic; marked with DVPN_PEER_MCAST: takes multicast
 * @group_ids: id -> group, cyclic
 * @next_map_id: for cyclic allocation
 * @next_peer_id: the same
 * @next_group_id: the same
 * @n_maps: mappings
 * @n_peers: peers
 * @n_peers6: those with an IPv6 NBMA address
 * @defrag6: they have IPv6 reassembled in the underlay
 * @prefix_filter_count: prefix mappings by dvpn_prefix_hash() of their key
 * @nhs_maps: all NHS mappings, best first; RCU list
 * @map_expiry: mappings that expire, next one first
 * @peer_expiry: peers that expire, next one first
 * @generation: of the table, bumped with every change, never 0; read without
 *	lock by events
 * @keepalive_queue: peers with keepalive, by when to look at them next
 * @keepalive_work: looks at them, in slices
 * @keepalive_at_ns: CLOCK_BOOTTIME it is due at, U64_MAX not at all
 * @gc_work: removes what expired, in slices
 * @gc_at_ns: CLOCK_BOOTTIME it is due at, U64_MAX not at all
 * @dead: being unregistered; netlink must not touch it any more
 *
 * @agent_lock: spinlock (BH) over the two below
 * @agent: bound sockets, by class (DVPN_AGENT_IDX_*)
 * @agent_gone_ns: CLOCK_BOOTTIME since when no event agent is bound, 0 bound;
 *	read without the lock
 * @agent_node: event.c's list of devices that may have an agent
 *
 * @event: rate limiters and the like, event.c's own
 * @dev_node: in the list of all devices with underlay namespace @net; rtnl
 * @frame_tap: takes NHRP frames off the receive path once packet sockets saw
 *	them
 * @down_reason: enum dvpn_down_reason
 * @in_vrf: &dvpn_net.vrf_users counts it; rtnl
 * @drain: former local addresses that still receive
 */
struct dvpn_dev {
	struct net_device *dev;
	struct net *net;
	struct dvpn_conf __rcu *conf;
	u32 dst_gen;
	struct dvpn_map __rcu *nhs;
	struct rhashtable maps;
	u32 prefix_count4[33];
	u32 prefix_count6[129];
	DECLARE_BITMAP(prefix_used4, 33);
	DECLARE_BITMAP(prefix_used6, 129);
	DECLARE_BITMAP(prefix_filter, 1 << DVPN_PREFIX_HASH_BITS);
	u32 n_mcast_peers;
	u32 n_group_entries;
	struct rhashtable groups;
	struct rhltable peers;
	struct rhltable any_sport_peers;
	struct dvpn_pcpu_stats __percpu *stats;
	struct gro_cells gro_cells;
	struct dvpn_miss_table *miss;
	struct dvpn_mcast *mcast;

	struct mutex table_lock; /* writers of the table */
	struct xarray map_ids;
	struct xarray peer_ids;
	struct xarray group_ids;
	u32 next_map_id;
	u32 next_peer_id;
	u32 next_group_id;
	u32 n_maps;
	u32 n_peers;
	u32 n_peers6;
	bool defrag6;
	u32 prefix_filter_count[1 << DVPN_PREFIX_HASH_BITS];
	struct list_head nhs_maps;
	struct timerqueue_head map_expiry;
	struct timerqueue_head peer_expiry;
	u32 generation;
	struct timerqueue_head keepalive_queue;
	struct delayed_work keepalive_work;
	u64 keepalive_at_ns;
	struct delayed_work gc_work;
	u64 gc_at_ns;
	bool dead;

	spinlock_t agent_lock; /* agent bindings */
	struct dvpn_agent agent[DVPN_AGENT_N];
	u64 agent_gone_ns;
	struct list_head agent_node;

	struct dvpn_event_state *event;
	struct list_head dev_node;
	struct packet_type frame_tap;
	u8 down_reason;
	bool in_vrf;
	struct dvpn_drain drain;
};

extern struct rtnl_link_ops dvpn_link_ops;

static inline bool dvpn_is_dev(const struct net_device *dev)
{
	return dev->rtnl_link_ops == &dvpn_link_ops;
}

/**
 * struct dvpn_tuple - what the underlay packet says of the device
 * @net: underlay namespace
 * @family: outer family
 * @local: outer destination
 * @ifindex: interface it came in by
 * @l3mdev: VRF master of that, or 0
 * @has_key: a GRE key is present
 * @key: that key, else 0
 * @port: UDP port it came to, 0 plain GRE
 */
struct dvpn_tuple {
	struct net *net;
	u8 family;
	const union dvpn_ip *local;
	int ifindex;
	int l3mdev;
	bool has_key;
	__be32 key;
	__be16 port;
};

/* Calls @match for each device that fits the tuple, best first (exact local
 * before any, exact link before any), until it returns true. NULL: none did;
 * *best is then the best device that fits, or NULL. Under RCU.
 */
struct dvpn_dev *dvpn_dev_match(const struct dvpn_tuple *tuple,
				bool (*match)(struct dvpn_dev *dd, void *arg),
				void *arg, struct dvpn_dev **best);

/* Is @ifindex, an interface of @dd's dev_net, a dvpn device of @dd's domain
 * (or @dd itself)? Returns it or NULL. Under RCU.
 */
struct dvpn_dev *dvpn_dev_same_domain(struct dvpn_dev *dd, int ifindex);

int dvpn_device_init(void);	/* rtnl kind, netdev notifier, pernet */
void dvpn_device_exit(void);

#endif /* DVPN_DEVICE_H */
