/* SPDX-License-Identifier: GPL-2.0 */
/* How devices are found by what an underlay packet says, as far as receive goes
 * for almost every packet. It is here, so that it is compiled into receive: half
 * of what it costs would be the call.
 */
#ifndef DVPN_TUPLE_HASH_H
#define DVPN_TUPLE_HASH_H

#include <linux/hash.h>
#include <net/ip.h>
#include <net/netns/generic.h>

#include "device.h"
#include "tuple.h"

extern unsigned int dvpn_net_id;

/* dvpn_net_get() for who is under RCU anyway. */
static inline struct dvpn_net *dvpn_net_get_rcu(const struct net *net)
{
	return rcu_dereference(net->gen)->ptr[dvpn_net_id];
}

static __always_inline struct hlist_head *
dvpn_tuple_head(struct dvpn_net *dn, u8 family, const union dvpn_ip *local,
		bool has_key, __be32 key)
{
	u32 word = ((__force u32)key ^ local->words[0]) + has_key;

	/* Only the administrator chooses what is in there: no need for more. */
	if (unlikely(family == AF_INET6))
		word ^= local->words[1] ^ local->words[2] ^ local->words[3];
	return &dn->tuples[family == AF_INET6][hash_32(word, DVPN_TUPLE_BITS)];
}

static inline bool dvpn_conf_has_key(const struct dvpn_conf *conf)
{
	return conf->flags & DVPN_LINK_F_KEY;
}

static inline bool dvpn_conf_on_link(const struct dvpn_conf *conf, int ifindex,
				     int l3mdev)
{
	return conf->link == (conf->link_is_l3mdev ? l3mdev : ifindex);
}

/* dvpn_dev_first4() among the devices with address @local. */
static __always_inline struct dvpn_dev *
dvpn_dev_first_local4(struct dvpn_net *dn, const struct sk_buff *skb,
		      __be32 local, bool has_key, __be32 key, __be16 port)
{
	const union dvpn_ip ip = { .v4 = local };
	struct dvpn_dev *loose = NULL;
	const struct dvpn_conf *conf;
	int sdif = inet_sdif(skb);
	struct hlist_head *head;

	head = dvpn_tuple_head(dn, AF_INET, &ip, has_key, key);
	hlist_for_each_entry_rcu(conf, head, node4) {
		if (conf->local4 != local ||
		    dvpn_conf_has_key(conf) != has_key ||
		    (has_key && conf->key != key) ||
		    (port && conf->port != port))
			continue;
		if (!conf->link)
			loose = loose ?: conf->dd;
		else if (dvpn_conf_on_link(conf, sdif ?: skb->dev->ifindex,
					   sdif ? skb->dev->ifindex : 0))
			return conf->dd;
	}
	return sdif ? NULL : loose;
}

/**
 * dvpn_dev_first4() - the device that an IPv4 underlay packet is most likely for
 * @net: underlay namespace
 * @skb: the packet
 * @has_key: a GRE key is present
 * @key: that key
 * @port: UDP port it came to, 0 plain GRE
 *
 * What dvpn_dev_match() would ask its caller about first.
 *
 * Context: RCU.
 * Return: device, or NULL: ask dvpn_dev_match().
 */
static __always_inline struct dvpn_dev *
dvpn_dev_first4(const struct net *net, const struct sk_buff *skb, bool has_key,
		__be32 key, __be16 port)
{
	struct dvpn_net *dn = dvpn_net_get_rcu(net);

	return dvpn_dev_first_local4(dn, skb, ip_hdr(skb)->daddr, has_key, key,
				     port) ?:
	       dvpn_dev_first_local4(dn, skb, htonl(INADDR_ANY), has_key, key,
				     port);
}

#endif /* DVPN_TUPLE_HASH_H */
