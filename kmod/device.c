// SPDX-License-Identifier: GPL-2.0
/*
 * The network device: its life, and what interfaces come and go around it.
 */
#include <linux/dvpn.h>
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/rtnetlink.h>

#include "device.h"
#include "gre.h"
#include "group.h"
#include "hook.h"
#include "keepalive.h"
#include "link.h"
#include "miss.h"
#include "multicast.h"
#include "table.h"
#include "tuple.h"
#include "vrf.h"
#include "xmit.h"

/* No lists of packets (rx-gro-list): who cuts one behind us puts our headers
 * before each packet, without a look whether there is room for them.
 */
#define DVPN_FEATURES	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA | \
			 NETIF_F_HW_CSUM | NETIF_F_RXCSUM | \
			 (NETIF_F_GSO_SOFTWARE & ~NETIF_F_GSO_FRAGLIST))

static int dvpn_table_init(struct dvpn_dev *dd)
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
	err = dvpn_miss_init(dd);
	if (err)
		goto err_groups;
	err = dvpn_multicast_init(dd);
	if (err)
		goto err_miss;
	return 0;

err_miss:
	dvpn_miss_destroy(dd);
err_groups:
	dvpn_groups_destroy(dd);
err_maps:
	dvpn_maps_destroy(dd);
err_peers:
	dvpn_peers_destroy(dd);
err_event:
	dvpn_event_destroy(dd);
	return err;
}

static int dvpn_init(struct net_device *dev)
{
	struct dvpn_dev *dd = netdev_priv(dev);
	int err;

	dd->stats = netdev_alloc_pcpu_stats(struct dvpn_pcpu_stats);
	if (!dd->stats)
		return -ENOMEM;
	err = dvpn_compat_tstats_init(dev);
	if (err)
		goto err_stats;
	err = gro_cells_init(&dd->gro_cells, dev);
	if (err)
		goto err_tstats;
	err = dvpn_table_init(dd);
	if (err)
		goto err_gro;
	netdev_lockdep_set_classes(dev);
	return 0;

err_gro:
	gro_cells_destroy(&dd->gro_cells);
err_tstats:
	dvpn_compat_tstats_free(dev);
err_stats:
	free_percpu(dd->stats);
	dd->stats = NULL;
	return err;
}

/* A grace period after dvpn_dellink(): nobody finds the device any more. */
static void dvpn_uninit(struct net_device *dev)
{
	struct dvpn_dev *dd = netdev_priv(dev);

	/* Left and closed already, unless another refused what was announced
	 * to us: then netlink may be at work on it.
	 */
	dvpn_vrf_put(dd);
	dvpn_table_close(dd);
	dvpn_multicast_destroy(dd);
	dvpn_miss_destroy(dd);
	dvpn_maps_destroy(dd);
	dvpn_groups_destroy(dd);
	dvpn_peers_destroy(dd);
	dvpn_event_destroy(dd);
	gro_cells_destroy(&dd->gro_cells);
}

static void dvpn_destructor(struct net_device *dev)
{
	struct dvpn_dev *dd = netdev_priv(dev);

	dvpn_compat_tstats_free(dev);
	free_percpu(dd->stats);
	kfree(rcu_dereference_protected(dd->conf, true));
	RCU_INIT_POINTER(dd->conf, NULL);
}

static int dvpn_open(struct net_device *dev)
{
	dvpn_keepalive_kick(netdev_priv(dev));
	return 0;
}

static int dvpn_stop(struct net_device *dev)
{
	struct dvpn_dev *dd = netdev_priv(dev);

	dvpn_miss_purge(dd);
	dvpn_multicast_purge(dd);
	dvpn_dev_reset_dst(dd);
	return 0;
}

static int dvpn_get_iflink(const struct net_device *dev)
{
	const struct dvpn_dev *dd = netdev_priv(dev);
	const struct dvpn_conf *conf;
	int link = 0;

	rcu_read_lock();
	conf = rcu_dereference(dd->conf);
	if (conf)
		link = conf->link;
	rcu_read_unlock();
	return link ?: dev->ifindex;
}

static const struct net_device_ops dvpn_netdev_ops = {
	.ndo_init = dvpn_init,
	.ndo_uninit = dvpn_uninit,
	.ndo_open = dvpn_open,
	.ndo_stop = dvpn_stop,
	.ndo_start_xmit = dvpn_xmit,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_get_iflink = dvpn_get_iflink,
};

static const struct device_type dvpn_type = {
	.name = DVPN_LINK_KIND,
};

/**
 * dvpn_setup() - the device before any attribute
 * @dev: fresh device
 *
 * Point-to-point although it is not: with that flag and without header_ops
 * IPv4 has one neighbour entry for the whole device, not one per next hop.
 */
void dvpn_setup(struct net_device *dev)
{
	struct dvpn_dev *dd = netdev_priv(dev);

	dd->dev = dev;
	mutex_init(&dd->table_lock);
	INIT_LIST_HEAD(&dd->dev_node);
	dvpn_drain_init(&dd->drain);

	dev->netdev_ops = &dvpn_netdev_ops;
	SET_NETDEV_DEVTYPE(dev, &dvpn_type);
	dev->needs_free_netdev = true;
	dev->priv_destructor = dvpn_destructor;

	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
	dev->priv_flags |= IFF_NO_QUEUE;
	/* The next hop is read from the packet's route. */
	netif_keep_dst(dev);
	dvpn_compat_set_lltx(dev);
	dev->features |= DVPN_FEATURES;
	dev->hw_features |= DVPN_FEATURES;

	dev->mtu = DVPN_MTU_DEFAULT;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = IP_MAX_MTU - DVPN_OVERHEAD6_MAX;
	/* Of Ethernet; an underlay that takes more is learned. */
	dev->needed_headroom = HH_DATA_ALIGN(ETH_HLEN) +
			       DVPN_OVERHEAD4_MAX;
}

/* Packet sockets saw the frame, the agent has had it before: it ends here
 * instead of being counted as of an unknown protocol.
 */
static int dvpn_frame_tap(struct sk_buff *skb, struct net_device *dev,
			  struct packet_type *pt, struct net_device *orig_dev)
{
	consume_skb(skb);
	return NET_RX_SUCCESS;
}

/**
 * dvpn_dev_register() - make a configured device visible
 * @dev: device with a resolved, unique &dvpn_dev.conf that is not installed
 *
 * Context: rtnl.
 * Return: 0 or negative errno; the configuration is the caller's then.
 */
int dvpn_dev_register(struct net_device *dev)
{
	struct dvpn_dev *dd = netdev_priv(dev);
	int err;

	err = dvpn_hook_get(dd->net);
	if (err)
		return err;
	err = register_netdevice(dev);
	if (err) {
		dvpn_hook_put(dd->net);
		return err;
	}
	list_add_tail(&dd->dev_node, &dvpn_net_get(dd->net)->devs);
	dd->frame_tap.type = htons(DVPN_NHRP_PROTO);
	dd->frame_tap.dev = dev;
	dd->frame_tap.func = dvpn_frame_tap;
	dev_add_pack(&dd->frame_tap);
	return 0;
}

/**
 * dvpn_dellink() - remove a device
 * @dev: device
 * @head: collects devices to be unregistered together
 *
 * Context: rtnl.
 */
void dvpn_dellink(struct net_device *dev, struct list_head *head)
{
	struct dvpn_dev *dd = netdev_priv(dev);
	struct dvpn_net *dn = dvpn_net_get(dd->net);

	dvpn_table_close(dd);
	list_del_init(&dd->dev_node);
	dvpn_drain_stop(&dd->drain);
	dvpn_conf_unhash(rtnl_dereference(dd->conf));
	__dev_remove_pack(&dd->frame_tap);
	dvpn_hook_put(dd->net);
	dvpn_udp_close(&rtnl_dereference(dd->conf)->udp);
	unregister_netdevice_queue(dev, head);
	/* Its tuple is free. */
	dvpn_rebind_collided(dn);
}

static int dvpn_netdev_event(struct notifier_block *nb, unsigned long event,
			     void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct dvpn_net *dn = dvpn_net_get(dev_net(dev));

	switch (event) {
	case NETDEV_UNREGISTER:
		/* It goes, or moves to another namespace. */
		if (dvpn_is_dev(dev))
			dvpn_agent_drop(netdev_priv(dev));
		fallthrough;
	case NETDEV_REGISTER:
	case NETDEV_CHANGENAME:
		dvpn_rebind_all(dn);
		break;
	case NETDEV_CHANGEUPPER:
		/* Into a VRF or out of it: other routes. */
		dvpn_reset_bound(dn, dev->ifindex);
		if (dvpn_is_dev(dev))
			dvpn_vrf_changed(netdev_priv(dev), ptr);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block dvpn_netdev_notifier = {
	.notifier_call = dvpn_netdev_event,
};

/**
 * dvpn_device_init() - register namespaces, notifier and rtnl kind
 *
 * Return: 0 or negative errno.
 */
int dvpn_device_init(void)
{
	int err;

	err = dvpn_tuple_init();
	if (err)
		return err;
	err = register_netdevice_notifier(&dvpn_netdev_notifier);
	if (err)
		goto err_tuple;
	err = rtnl_link_register(&dvpn_link_ops);
	if (err)
		goto err_notifier;
	return 0;

err_notifier:
	unregister_netdevice_notifier(&dvpn_netdev_notifier);
err_tuple:
	dvpn_tuple_exit();
	return err;
}

/**
 * dvpn_device_exit() - undo dvpn_device_init(); removes all devices
 */
void dvpn_device_exit(void)
{
	rtnl_link_unregister(&dvpn_link_ops);
	unregister_netdevice_notifier(&dvpn_netdev_notifier);
	dvpn_tuple_exit();
}
