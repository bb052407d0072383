/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_KEEPALIVE_H
#define DVPN_KEEPALIVE_H

struct dvpn_dev;
struct dvpn_peer;

void dvpn_keepalive_init(struct dvpn_dev *dd);
/* None is sent any more after this. Sleeps. */
void dvpn_keepalive_stop(struct dvpn_dev *dd);
/* The device is up. */
void dvpn_keepalive_kick(struct dvpn_dev *dd);

/* Both with table_lock held. The peer's interval changed, or it goes: @keepalive_s
 * is 0 then.
 */
void dvpn_keepalive_set(struct dvpn_dev *dd, struct dvpn_peer *peer,
			u32 keepalive_s);
/* Sleep until the next peer is due. */
void dvpn_keepalive_arm(struct dvpn_dev *dd);

#endif /* DVPN_KEEPALIVE_H */
