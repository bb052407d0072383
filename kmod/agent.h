/* SPDX-License-Identifier: GPL-2.0 */
/* Messages to the agent, for those that write them. */
#ifndef DVPN_AGENT_H
#define DVPN_AGENT_H

#include <linux/types.h>

struct dvpn_dev;
struct nlattr;
struct sk_buff;

/**
 * struct dvpn_msg - a message to the agent that is being written
 * @dd: device it is about
 * @idx: class, DVPN_AGENT_IDX_*
 * @skb: the message
 * @hdr: generic netlink header
 * @seq: place of DVPN_A_SEQ
 * @lost: place of DVPN_A_LOST
 */
struct dvpn_msg {
	struct dvpn_dev *dd;
	unsigned int idx;
	struct sk_buff *skb;
	void *hdr;
	struct nlattr *seq;
	struct nlattr *lost;
};

/* Begin a message: device, room for SEQ and LOST, GENERATION. @size: bytes of
 * attributes beside those. False: no memory, counted as lost. Any context but
 * hard irq, as all here.
 */
bool dvpn_msg_begin(struct dvpn_msg *msg, struct dvpn_dev *dd,
		    unsigned int idx, u8 cmd, size_t size);
/* Send it if @err is 0, which says whether it could be written. Returns 0;
 * -ENOTCONN nobody is bound (any more); -ENOBUFS it was lost, and counted.
 */
int dvpn_msg_end(struct dvpn_msg *msg, int err);

/* Before the device is visible; after nothing can reach it any more. */
void dvpn_agent_init(struct dvpn_dev *dd);
void dvpn_agent_destroy(struct dvpn_dev *dd);

#endif /* DVPN_AGENT_H */
