/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_UDP_H
#define DVPN_UDP_H

#include <linux/types.h>

struct dvpn_conf;
struct dvpn_udp_sock;
struct netlink_ext_ack;

/**
 * struct dvpn_udp - the sockets of a configuration
 * @sock: for IPv4 and IPv6, each NULL if there is none
 */
struct dvpn_udp {
	struct dvpn_udp_sock *sock[2];
};

/* All under rtnl. */

/* Opens, or shares, what @conf, resolved, needs, and sets its udp. Negative
 * errno with extack text; then it has none.
 */
int dvpn_udp_open(struct dvpn_conf *conf, struct netlink_ext_ack *extack);
/* Gives them back; may have to wait for a grace period. */
void dvpn_udp_close(struct dvpn_udp *udp);
/* Has it all that it needs, and where it needs it now? */
bool dvpn_udp_is_open(const struct dvpn_conf *conf);

#endif /* DVPN_UDP_H */
