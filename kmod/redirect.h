/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_REDIRECT_H
#define DVPN_REDIRECT_H

#include "device.h"
#include "vrf.h"

/**
 * dvpn_ingress() - device that a packet entered by
 * @dd: device that it leaves by
 * @conf: configuration of @dd
 * @skb: the packet
 *
 * Context: RCU.
 * Return: a device of the domain of @dd; NULL if this host made the packet or
 * it came in elsewhere.
 */
static inline struct dvpn_dev *dvpn_ingress(struct dvpn_dev *dd,
					    const struct dvpn_conf *conf,
					    const struct sk_buff *skb)
{
	int iif = skb->skb_iif;

	if (!iif)
		return NULL;
	/* Within a VRF, skb_iif is the VRF itself. */
	if (unlikely(READ_ONCE(dd->in_vrf)))
		iif = dvpn_vrf_iif(skb) ?: iif;
	if (iif != dd->dev->ifindex && !conf->domain)
		return NULL;
	return dvpn_dev_same_domain(dd, iif);
}

/* Best guess at the peer of @in that sent it: reverse route of the inner
 * source, then its mapping. NULL if it cannot be told. Under RCU.
 */
struct dvpn_peer *dvpn_ingress_peer(struct dvpn_dev *in,
				    const struct sk_buff *skb);

#endif /* DVPN_REDIRECT_H */
