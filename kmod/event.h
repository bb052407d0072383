/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_EVENT_H
#define DVPN_EVENT_H

#include <linux/types.h>
#include <linux/spinlock.h>

#include "peer.h"

struct dvpn_dev;
struct dvpn_map;
struct net;
struct sk_buff;

struct netlink_ext_ack;

/* Index into &dvpn_dev.agent: bit number of enum dvpn_agent_class. */
enum {
	DVPN_AGENT_IDX_FRAME,
	DVPN_AGENT_IDX_EVENT,
	DVPN_AGENT_N,
};

/**
 * struct dvpn_agent - the agent socket of one class
 * @net: network namespace of the socket, NULL: nobody is bound
 * @portid: its netlink port in @net
 * @seq: last DVPN_A_SEQ; counts the lost ones as well, so a gap is as long as
 *	DVPN_A_LOST says
 * @lost: messages lost since the last that got through
 *
 * All under &dvpn_dev.agent_lock.
 */
struct dvpn_agent {
	struct net *net;
	u32 portid;
	u32 seq;
	u32 lost;
};

/**
 * struct dvpn_rx_info - what is known of a received packet
 * @peer: the peer it came from, or NULL
 * @loc: sender
 * @local: outer destination (family as in @loc)
 * @mark: skb->mark
 * @link_ifindex: underlay interface it came in by
 * @sa_valid: there was an ESP state in the secpath; the next three are of the
 *	last one
 * @sa_spi: its SPI
 * @sa_reqid: its reqid
 * @sa_if_id: its xfrm interface id
 */
struct dvpn_rx_info {
	struct dvpn_peer *peer;
	struct dvpn_locator loc;
	union dvpn_ip local;
	u32 mark;
	u32 link_ifindex;
	bool sa_valid;
	__be32 sa_spi;
	u32 sa_reqid;
	u32 sa_if_id;
};

/* NHRP frame to the agent. skb->data is the NHRP packet; not consumed.
 * Softirq. Counts FRAME_NO_AGENT and FRAME_OVERRUN itself.
 */
void dvpn_event_frame(struct dvpn_dev *dd, const struct sk_buff *skb,
		      const struct dvpn_rx_info *rx);

/* skb->data at the inner network header. All are rate-limited where the
 * header <linux/dvpn.h> says so, any context with BH off or process context.
 */
void dvpn_event_miss(struct dvpn_dev *dd, const struct sk_buff *skb,
		     const struct dvpn_addr *nexthop);
/* @in: device it entered by. Only once the rate limit has let it pass the
 * peer that sent it is looked for: dvpn_ingress_peer().
 */
void dvpn_event_redirect(struct dvpn_dev *in, const struct sk_buff *skb);
/* @offset: of the inner packet in @skb, @inner_proto its GRE protocol. */
void dvpn_event_unknown_peer(struct dvpn_dev *dd, const struct sk_buff *skb,
			     unsigned int offset, u16 inner_proto,
			     const struct dvpn_rx_info *rx);
void dvpn_event_peer_unreach(struct dvpn_dev *dd, struct dvpn_peer *peer,
			     int err, u8 reason);
void dvpn_event_expire(struct dvpn_dev *dd, const struct dvpn_map *map);

int dvpn_event_init(struct dvpn_dev *dd);	/* before the device is visible */
void dvpn_event_destroy(struct dvpn_dev *dd);	/* as dvpn_maps_destroy() */

/* Make the socket the agent for @classes; all or nothing. rtnl held.
 * -EBUSY, -ENODEV with extack text.
 */
int dvpn_agent_bind(struct dvpn_dev *dd, struct net *net, u32 portid,
		    u32 classes, struct netlink_ext_ack *extack);
/* -ENOENT: the socket is not the agent for one of @classes. */
int dvpn_agent_unbind(struct dvpn_dev *dd, struct net *net, u32 portid,
		      u32 classes, struct netlink_ext_ack *extack);
/* Mask of enum dvpn_agent_class that are bound. */
u32 dvpn_agent_classes(struct dvpn_dev *dd);

/* Is there an agent for events? Without lock. */
bool dvpn_agent_bound(struct dvpn_dev *dd);
/* The device goes, or moves to another network namespace. */
void dvpn_agent_drop(struct dvpn_dev *dd);

int dvpn_event_module_init(void);	/* netlink notifier */
void dvpn_event_module_exit(void);

#endif /* DVPN_EVENT_H */
