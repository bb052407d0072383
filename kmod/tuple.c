// SPDX-License-Identifier: GPL-2.0
/*
 * Which device takes a packet that came in by the underlay: the registry of
 * (underlay namespace, local address, link, key), and the binding of devices
 * to their link by name.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/netns/generic.h>

#include "device.h"
#include "drain.h"
#include "link.h"
#include "tuple_hash.h"
#include "udp.h"

unsigned int dvpn_net_id __read_mostly;

static const union dvpn_ip dvpn_ip_any;

/**
 * dvpn_net_get() - what @net is as an underlay
 * @net: network namespace
 *
 * Return: never NULL while the module is there.
 */
struct dvpn_net *dvpn_net_get(struct net *net)
{
	return net_generic(net, dvpn_net_id);
}

static struct dvpn_conf *dvpn_tuple_conf(struct hlist_node *node, u8 family)
{
	return family == AF_INET ? hlist_entry(node, struct dvpn_conf, node4) :
				   hlist_entry(node, struct dvpn_conf, node6);
}

/* Without any local address a device serves all addresses of both families. */
static bool dvpn_conf_local(const struct dvpn_conf *conf, u8 family,
			    union dvpn_ip *local)
{
	bool any6 = ipv6_addr_any(&conf->local6);

	memset(local, 0, sizeof(*local));
	if (family == AF_INET) {
		local->v4 = conf->local4;
		return conf->local4 || any6;
	}
	local->v6 = conf->local6;
	return !any6 || !conf->local4;
}

/**
 * dvpn_conf_serves() - does a configuration serve an underlay family?
 * @conf: configuration
 * @family: AF_INET or AF_INET6
 *
 * Return: it takes packets of that family if it is bound.
 */
bool dvpn_conf_serves(const struct dvpn_conf *conf, u8 family)
{
	union dvpn_ip local;

	return dvpn_conf_local(conf, family, &local);
}

/* @conf is in the list of its family, so what it has not is any address. */
static bool dvpn_conf_is_local(const struct dvpn_conf *conf, u8 family,
			       const union dvpn_ip *local)
{
	return likely(family == AF_INET) ?
	       conf->local4 == local->v4 :
	       ipv6_addr_equal(&conf->local6, &local->v6);
}

/* But for the link. */
static bool dvpn_conf_fits(const struct dvpn_conf *conf,
			   const struct dvpn_tuple *tuple,
			   const union dvpn_ip *local)
{
	return dvpn_conf_is_local(conf, tuple->family, local) &&
	       dvpn_conf_has_key(conf) == tuple->has_key &&
	       (!tuple->has_key || conf->key == tuple->key) &&
	       (!tuple->port || conf->port == tuple->port);
}

/**
 * struct dvpn_search - for the device of an underlay packet
 * @tuple: what the packet says
 * @match: the caller's last word about a device
 * @arg: for @match
 * @best: the first device that fits, whatever @match said, or NULL
 */
struct dvpn_search {
	const struct dvpn_tuple *tuple;
	bool (*match)(struct dvpn_dev *dd, void *arg);
	void *arg;
	struct dvpn_dev *best;
};

static bool dvpn_search_found(struct dvpn_search *search,
			      const struct dvpn_conf *conf)
{
	if (!search->best)
		search->best = conf->dd;
	return search->match(conf->dd, search->arg);
}

/* Among the devices with address @local. */
static __always_inline struct dvpn_dev *
dvpn_search_local(struct dvpn_search *search, struct dvpn_net *dn,
		  const union dvpn_ip *local)
{
	const struct dvpn_tuple *tuple = search->tuple;
	struct hlist_node *node, *loose = NULL;
	const struct dvpn_conf *conf;
	struct hlist_head *head;

	head = dvpn_tuple_head(dn, tuple->family, local, tuple->has_key,
			       tuple->key);
	__hlist_for_each_rcu(node, head) {
		conf = dvpn_tuple_conf(node, tuple->family);
		if (!dvpn_conf_fits(conf, tuple, local))
			continue;
		if (!conf->link)
			loose = loose ?: node;
		else if (dvpn_conf_on_link(conf, tuple->ifindex,
					   tuple->l3mdev) &&
			 dvpn_search_found(search, conf))
			return conf->dd;
	}
	if (tuple->l3mdev)
		return NULL;
	for (; loose; loose = rcu_dereference(hlist_next_rcu(loose))) {
		conf = dvpn_tuple_conf(loose, tuple->family);
		if (!conf->link && dvpn_conf_fits(conf, tuple, local) &&
		    dvpn_search_found(search, conf))
			return conf->dd;
	}
	return NULL;
}

/**
 * dvpn_dev_match() - devices that an underlay packet may be for
 * @tuple: what the packet says
 * @match: the caller's last word about a device
 * @arg: for @match
 * @best: set to the first device that fits, whatever @match said, or NULL
 *
 * Exact local address before any, then exact link before any.
 *
 * Context: RCU.
 * Return: the device that fits and that @match accepted, or NULL.
 */
struct dvpn_dev *dvpn_dev_match(const struct dvpn_tuple *tuple,
				bool (*match)(struct dvpn_dev *dd, void *arg),
				void *arg, struct dvpn_dev **best)
{
	struct dvpn_net *dn = dvpn_net_get_rcu(tuple->net);
	struct dvpn_search search = {
		.tuple = tuple,
		.match = match,
		.arg = arg,
	};
	struct dvpn_dev *dd;

	dd = dvpn_search_local(&search, dn, tuple->local);
	if (unlikely(!dd))
		dd = dvpn_search_local(&search, dn, &dvpn_ip_any);
	*best = search.best;
	return dd;
}

/**
 * dvpn_dev_same_domain() - is an interface a device of the same domain?
 * @dd: device
 * @ifindex: interface in the namespace of @dd->dev
 *
 * Context: RCU.
 * Return: that device, @dd itself for its own index, or NULL.
 */
struct dvpn_dev *dvpn_dev_same_domain(struct dvpn_dev *dd, int ifindex)
{
	u32 domain = rcu_dereference(dd->conf)->domain;
	struct net_device *dev;
	struct dvpn_dev *other;

	if (ifindex == dd->dev->ifindex)
		return dd;
	if (!domain)
		return NULL;
	dev = dev_get_by_index_rcu(dev_net(dd->dev), ifindex);
	if (!dev || !dvpn_is_dev(dev))
		return NULL;
	other = netdev_priv(dev);
	return rcu_dereference(other->conf)->domain == domain ? other : NULL;
}

/**
 * dvpn_conf_collides() - do two configurations want the same packets?
 * @a: one
 * @b: another
 * @family: outer family of the packets
 *
 * Context: rtnl.
 * Return: whether they do.
 */
bool dvpn_conf_collides(const struct dvpn_conf *a, const struct dvpn_conf *b,
			u8 family)
{
	union dvpn_ip local_a, local_b;

	if (dvpn_conf_has_key(a) != dvpn_conf_has_key(b) ||
	    (dvpn_conf_has_key(a) && a->key != b->key))
		return false;
	if (strcmp(a->link_name, b->link_name) &&
	    (!a->link || a->link != b->link))
		return false;
	return dvpn_conf_local(a, family, &local_a) &&
	       dvpn_conf_local(b, family, &local_b) &&
	       dvpn_ip_equal(&local_a, &local_b);
}

#define DVPN_COLLISION_TEXT \
	"local address, link and key are all those of device "

/* A tuple is refused: whose is it? */
static void dvpn_conf_collision(struct netlink_ext_ack *extack,
				const struct net_device *dev)
{
#ifdef NL_SET_ERR_MSG_FMT
	NL_SET_ERR_MSG_FMT(extack, DVPN_COLLISION_TEXT "%s", dev->name);
#else
	/* The answer is written when rtnl is given up. A text of constant
	 * length: the next refusal can change the name in it, nothing more.
	 */
	static char text[sizeof(DVPN_COLLISION_TEXT) + IFNAMSIZ - 1] =
		DVPN_COLLISION_TEXT "               ";
	char name[IFNAMSIZ];

	ASSERT_RTNL();
	snprintf(name, sizeof(name), "%-15s", dev->name);
	memcpy(text + sizeof(DVPN_COLLISION_TEXT) - 1, name, IFNAMSIZ - 1);
	if (extack)
		extack->_msg = text;
#endif
}

/**
 * dvpn_conf_unique() - refuse a tuple that another device has
 * @conf: resolved, not yet visible
 * @extack: told which
 *
 * Context: rtnl.
 * Return: 0 or -EEXIST.
 */
int dvpn_conf_unique(const struct dvpn_conf *conf,
		     struct netlink_ext_ack *extack)
{
	struct dvpn_net *dn = dvpn_net_get(conf->dd->net);
	const struct dvpn_conf *other;
	struct dvpn_dev *dd;

	ASSERT_RTNL();
	list_for_each_entry(dd, &dn->devs, dev_node) {
		if (dd == conf->dd || dd->down_reason == DVPN_DOWN_COLLISION)
			continue;
		other = rtnl_dereference(dd->conf);
		if (dvpn_conf_collides(conf, other, AF_INET) ||
		    dvpn_conf_collides(conf, other, AF_INET6)) {
			dvpn_conf_collision(extack, dd->dev);
			return -EEXIST;
		}
	}
	return 0;
}

static int dvpn_find_link(const struct dvpn_conf *conf, bool *is_l3mdev)
{
	struct net_device *link;

	*is_l3mdev = false;
	if (!conf->link_name[0])
		return 0;
	link = __dev_get_by_name(conf->dd->net, conf->link_name);
	if (!link || link == conf->dd->dev)
		return 0;
	*is_l3mdev = netif_is_l3_master(link);
	return link->ifindex;
}

/**
 * dvpn_conf_resolve() - find the underlay interface by its name
 * @conf: not yet visible
 *
 * Context: rtnl.
 */
void dvpn_conf_resolve(struct dvpn_conf *conf)
{
	ASSERT_RTNL();
	conf->link = dvpn_find_link(conf, &conf->link_is_l3mdev);
}

static void dvpn_conf_hash(struct dvpn_conf *conf)
{
	struct dvpn_net *dn = dvpn_net_get(conf->dd->net);
	bool has_key = dvpn_conf_has_key(conf);
	__be32 key = has_key ? conf->key : 0;
	union dvpn_ip local;

	if (dvpn_conf_local(conf, AF_INET, &local))
		hlist_add_head_rcu(&conf->node4,
				   dvpn_tuple_head(dn, AF_INET, &local,
						   has_key, key));
	if (dvpn_conf_local(conf, AF_INET6, &local))
		hlist_add_head_rcu(&conf->node6,
				   dvpn_tuple_head(dn, AF_INET6, &local,
						   has_key, key));
}

/**
 * dvpn_conf_unhash() - take a configuration out of the receive lookups
 * @conf: configuration, hashed or not
 *
 * Context: rtnl.
 */
void dvpn_conf_unhash(struct dvpn_conf *conf)
{
	ASSERT_RTNL();
	hlist_del_init_rcu(&conf->node4);
	hlist_del_init_rcu(&conf->node6);
}

/* Why @conf cannot be served, if it cannot. */
static enum dvpn_down_reason dvpn_conf_down_reason(const struct dvpn_conf *conf)
{
	if (conf->link_name[0] && !conf->link)
		return DVPN_DOWN_NO_LINK;
	if (dvpn_conf_unique(conf, NULL))
		return DVPN_DOWN_COLLISION;
	if (!dvpn_udp_is_open(conf))
		return DVPN_DOWN_PORT;
	return DVPN_DOWN_NONE;
}

/**
 * dvpn_conf_install() - make a configuration the device's
 * @dd: device
 * @conf: resolved, in no list; now owned by the device. May be the one that a
 *	fresh device has already
 *
 * The device has carrier if the configuration can be served. The new tuple is
 * there before the old one goes: no packet falls between.
 *
 * Context: rtnl.
 */
void dvpn_conf_install(struct dvpn_dev *dd, struct dvpn_conf *conf)
{
	struct dvpn_conf *old = rtnl_dereference(dd->conf);
	u8 down_reason = dvpn_conf_down_reason(conf);

	ASSERT_RTNL();
	INIT_HLIST_NODE(&conf->node4);
	INIT_HLIST_NODE(&conf->node6);
	WRITE_ONCE(dd->down_reason, down_reason);
	if (down_reason == DVPN_DOWN_NONE) {
		dvpn_drain_yield(dvpn_net_get(dd->net), conf);
		dvpn_conf_hash(conf);
	}
	rcu_assign_pointer(dd->conf, conf);
	if (old && old != conf) {
		dvpn_udp_close(&old->udp);
		dvpn_drain_conf(dd, old, conf);
	}
	dvpn_dev_reset_dst(dd);
	if (down_reason == DVPN_DOWN_NONE)
		netif_carrier_on(dd->dev);
	else
		netif_carrier_off(dd->dev);
}

static void dvpn_rebind(struct dvpn_dev *dd)
{
	const struct dvpn_conf *old = rtnl_dereference(dd->conf);
	struct dvpn_conf *conf;
	bool is_l3mdev;
	int link;

	link = dvpn_find_link(old, &is_l3mdev);
	if (link == old->link && dd->down_reason != DVPN_DOWN_COLLISION &&
	    dvpn_udp_is_open(old))
		return;
	/* Nobody is there to be told of a failure, and with the old index the
	 * device would go on as if nothing had happened.
	 */
	conf = kmemdup(old, sizeof(*old), GFP_KERNEL | __GFP_NOFAIL);
	conf->link = link;
	conf->link_is_l3mdev = is_l3mdev;
	memset(&conf->udp, 0, sizeof(conf->udp));
	/* What does not open is told as the device's down reason. */
	dvpn_udp_open(conf, NULL);
	dvpn_conf_install(dd, conf);
}

/**
 * dvpn_rebind_all() - look again for the interfaces that devices are bound to
 * @dn: underlay namespace where interfaces changed
 *
 * Context: rtnl.
 */
void dvpn_rebind_all(struct dvpn_net *dn)
{
	struct dvpn_dev *dd;

	ASSERT_RTNL();
	list_for_each_entry(dd, &dn->devs, dev_node)
		if (rtnl_dereference(dd->conf)->link_name[0])
			dvpn_rebind(dd);
	/* Who was given a link before its former device let go of it. */
	dvpn_rebind_collided(dn);
}

/**
 * dvpn_rebind_collided() - a tuple is free: who waited for it?
 * @dn: underlay namespace
 *
 * Context: rtnl.
 */
void dvpn_rebind_collided(struct dvpn_net *dn)
{
	struct dvpn_dev *dd;

	ASSERT_RTNL();
	list_for_each_entry(dd, &dn->devs, dev_node)
		if (dd->down_reason == DVPN_DOWN_COLLISION)
			dvpn_rebind(dd);
}

/**
 * dvpn_reset_bound() - an interface that devices are bound to changed its VRF
 * @dn: underlay namespace
 * @ifindex: interface whose place in the routing changed
 *
 * Context: rtnl.
 */
void dvpn_reset_bound(struct dvpn_net *dn, int ifindex)
{
	struct dvpn_dev *dd;

	ASSERT_RTNL();
	list_for_each_entry(dd, &dn->devs, dev_node) {
		if (rtnl_dereference(dd->conf)->link != ifindex)
			continue;
		dvpn_rebind(dd);
		dvpn_dev_reset_dst(dd);
	}
}

static int __net_init dvpn_net_init(struct net *net)
{
	struct dvpn_net *dn = dvpn_net_get(net);

	dn->net = net;
	INIT_LIST_HEAD(&dn->devs);
	INIT_LIST_HEAD(&dn->udp_socks);
	return 0;
}

/* A device must not outlive its underlay, wherever the device itself is. */
static void __net_exit dvpn_net_exit_batch(struct list_head *nets)
{
	struct dvpn_dev *dd, *next;
	struct net *net;
	LIST_HEAD(kill);

	rtnl_lock();
	list_for_each_entry(net, nets, exit_list)
		list_for_each_entry_safe(dd, next, &dvpn_net_get(net)->devs,
					 dev_node)
			dvpn_dellink(dd->dev, &kill);
	unregister_netdevice_many(&kill);
	rtnl_unlock();
	/* Peers that others removed just now hold routes of these namespaces. */
	rcu_barrier();
}

static struct pernet_operations dvpn_net_ops = {
	.init = dvpn_net_init,
	.exit_batch = dvpn_net_exit_batch,
	.id = &dvpn_net_id,
	.size = sizeof(struct dvpn_net),
};

/**
 * dvpn_tuple_init() - register the per-namespace state
 *
 * Return: 0 or negative errno.
 */
int dvpn_tuple_init(void)
{
	/* Not a device's: the loopback device of a new namespace is announced
	 * before those are there.
	 */
	return register_pernet_subsys(&dvpn_net_ops);
}

/**
 * dvpn_tuple_exit() - undo dvpn_tuple_init()
 */
void dvpn_tuple_exit(void)
{
	unregister_pernet_subsys(&dvpn_net_ops);
}
