// SPDX-License-Identifier: GPL-2.0
/* Which address can a peer have? */

#include <linux/inetdevice.h>
#include <linux/netlink.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/rtnetlink.h>

#include "table.h"
#include "tuple.h"

/* What the underlay's routing says of @addr: RTN_UNICAST, RTN_LOCAL, ... */
static unsigned int addr_type4(struct dvpn_dev *dd,
			       const struct dvpn_conf *conf, __be32 addr)
{
	struct net_device *link = NULL;

	if (conf->link)
		link = dev_get_by_index_rcu(dd->net, conf->link);

	return inet_addr_type_dev_table(dd->net, link, addr);
}

static int key_check4(struct dvpn_dev *dd, __be32 addr,
		      struct netlink_ext_ack *extack)
{
	const struct dvpn_conf *conf;
	unsigned int type;
	bool own;

	if (ipv4_is_zeronet(addr)) {
		NL_SET_ERR_MSG(extack, "NBMA address is unspecified (0.0.0.0)");
		return -EINVAL;
	}
	if (ipv4_is_multicast(addr)) {
		NL_SET_ERR_MSG(extack, "NBMA address is multicast: name one host");
		return -EINVAL;
	}
	if (ipv4_is_lbcast(addr)) {
		NL_SET_ERR_MSG(extack, "NBMA address is broadcast: name one host");
		return -EINVAL;
	}
	if (ipv4_is_loopback(addr)) {
		NL_SET_ERR_MSG(extack, "NBMA address is loopback");
		return -EINVAL;
	}

	rcu_read_lock();
	conf = rcu_dereference(dd->conf);
	own = addr == conf->local4;
	type = addr_type4(dd, conf, addr);
	rcu_read_unlock();

	if (own || type == RTN_LOCAL) {
		NL_SET_ERR_MSG(extack, "NBMA address is an address of this host");
		return -EINVAL;
	}
	if (type == RTN_BROADCAST) {
		NL_SET_ERR_MSG(extack, "NBMA address is a broadcast address of a network here");
		return -EINVAL;
	}

	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)
/* Under RCU. An address of this host, of the VRF of the link? */
static bool own_addr6(struct dvpn_dev *dd, const struct dvpn_conf *conf,
		      const struct in6_addr *addr)
{
	bool any_dev = !(ipv6_addr_type(addr) & IPV6_ADDR_LINKLOCAL);
	struct net_device *link = NULL;

	if (conf->link)
		link = dev_get_by_index_rcu(dd->net, conf->link);

	return ipv6_addr_equal(addr, &conf->local6) ||
	       ipv6_chk_addr_and_flags(dd->net, addr, link, any_dev, 0, 0);
}

static int key_check6(struct dvpn_dev *dd, const struct in6_addr *addr,
		      struct netlink_ext_ack *extack)
{
	int type = ipv6_addr_type(addr);
	const struct dvpn_conf *conf;
	bool bound, own;

	if (type == IPV6_ADDR_ANY) {
		NL_SET_ERR_MSG(extack, "NBMA address is unspecified (::)");
		return -EINVAL;
	}
	if (type & IPV6_ADDR_MULTICAST) {
		NL_SET_ERR_MSG(extack, "NBMA address is multicast: name one host");
		return -EINVAL;
	}
	if (type & IPV6_ADDR_LOOPBACK) {
		NL_SET_ERR_MSG(extack, "NBMA address is loopback");
		return -EINVAL;
	}
	if (type & IPV6_ADDR_MAPPED) {
		NL_SET_ERR_MSG(extack,
			       "NBMA address is an IPv4 address mapped to IPv6: give it as IPv4");
		return -EINVAL;
	}

	rcu_read_lock();
	conf = rcu_dereference(dd->conf);
	bound = conf->link_name[0] && !conf->link_is_l3mdev;
	own = own_addr6(dd, conf, addr);
	rcu_read_unlock();

	if ((type & IPV6_ADDR_LINKLOCAL) && !bound) {
		NL_SET_ERR_MSG(extack,
			       "NBMA address is link-local: bind the device to the link (dev LINK)");
		return -EINVAL;
	}
	if (own) {
		NL_SET_ERR_MSG(extack, "NBMA address is an address of this host");
		return -EINVAL;
	}

	return 0;
}
#else
static int key_check6(struct dvpn_dev *dd, const struct in6_addr *addr,
		      struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "this kernel is without IPv6");
	return -EOPNOTSUPP;
}
#endif

static int family_check(struct dvpn_dev *dd, u8 family,
			struct netlink_ext_ack *extack)
{
	bool serves;

	rcu_read_lock();
	serves = dvpn_conf_serves(rcu_dereference(dd->conf), family);
	rcu_read_unlock();
	if (serves)
		return 0;

	if (family == AF_INET)
		NL_SET_ERR_MSG(extack,
			       "the device has an IPv6 local address only: give it an IPv4 one, too");
	else
		NL_SET_ERR_MSG(extack,
			       "the device has an IPv4 local address only: give it an IPv6 one, too");
	return -EINVAL;
}

/**
 * dvpn_peer_key_check() - can there be such a peer?
 * @dd: device
 * @key: its key
 * @extack: where the text of a refusal goes
 *
 * What routing says now; the transmit path looks again, for routes change.
 *
 * Context: process.
 * Return: 0; -EINVAL not a unicast address of another host; -EOPNOTSUPP; -EPERM
 * no right to choose marks of the underlay.
 */
int dvpn_peer_key_check(struct dvpn_dev *dd, const struct dvpn_peer_key *key,
			struct netlink_ext_ack *extack)
{
	int err;

	err = family_check(dd, key->loc.family, extack);
	if (err)
		return err;
	if ((key->mark || key->if_id) &&
	    !rtnl_dev_link_net_capable(dd->dev, dd->net)) {
		NL_SET_ERR_MSG(extack,
			       "the underlay is in another network namespace: a mark or interface id takes CAP_NET_ADMIN there");
		return -EPERM;
	}
	if (key->loc.family == AF_INET)
		return key_check4(dd, key->loc.nbma.v4, extack);

	return key_check6(dd, &key->loc.nbma.v6, extack);
}
