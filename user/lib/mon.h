/* SPDX-License-Identifier: GPL-2.0 */
/* libdvpn: notifications of the group "table" */
#ifndef DVPN_LIB_MON_H
#define DVPN_LIB_MON_H

#include "lib/objects.h"

struct dvpn_mon;

/**
 * struct dvpn_mon_ops - what to call for what came; members may be NULL
 * @map: a mapping is new or changed
 * @map_gone: a mapping is gone; reason: &enum dvpn_reason
 * @peer: a peer is new or changed
 * @peer_gone: a peer is gone
 * @bad: a message that could not be parsed, in words
 */
struct dvpn_mon_ops {
	void (*map)(const struct dvpn_map *map, void *ctx);
	void (*map_gone)(const struct dvpn_map *map, unsigned int reason, void *ctx);
	void (*peer)(const struct dvpn_peer *peer, void *ctx);
	void (*peer_gone)(const struct dvpn_peer *peer, unsigned int reason, void *ctx);
	void (*bad)(const char *text, void *ctx);
};

/**
 * dvpn_mon_open - observe the tables of the namespace
 * @m: where to put the monitor; NULL on failure
 * @ops: whom to call; must outlive the socket
 * @ctx: handed to the callbacks
 *
 * Return: as dvpn_open().
 */
int dvpn_mon_open(struct dvpn_mon **m, const struct dvpn_mon_ops *ops, void *ctx);

/**
 * dvpn_mon_close - stop observing
 * @m: monitor, or NULL
 */
void dvpn_mon_close(struct dvpn_mon *m);

/**
 * dvpn_mon_fd - the descriptor to watch for reading
 * @m: monitor
 */
int dvpn_mon_fd(const struct dvpn_mon *m);

/**
 * dvpn_mon_read - take notifications
 * @m: monitor
 * @max: most messages to take
 *
 * Return: as dvpn_agent_read().
 */
int dvpn_mon_read(struct dvpn_mon *m, unsigned int max);

#endif /* DVPN_LIB_MON_H */
