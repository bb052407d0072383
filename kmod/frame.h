/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_FRAME_H
#define DVPN_FRAME_H

#include "addr.h"
#include "peer.h"

struct dvpn_dev;

/* Send one NHRP packet for the agent to @key, which need not be a peer.
 * @local: source address, or AF_UNSPEC. Process context.
 * Returns 0, -EHOSTUNREACH, -EMSGSIZE, -EINPROGRESS, -EPERM, -ENETDOWN,
 * -ENOMEM.
 */
int dvpn_send_frame(struct dvpn_dev *dd, const struct dvpn_peer_key *key,
		    const struct dvpn_addr *local, const void *data,
		    unsigned int len);

#endif /* DVPN_FRAME_H */
