/* SPDX-License-Identifier: GPL-2.0 */
/* libdvpn: requests that are queued, and answered by callbacks */
#ifndef DVPN_LIB_CHAN_H
#define DVPN_LIB_CHAN_H

#include "lib/objects.h"

struct dvpn_chan;

/**
 * struct dvpn_ack - the kernel's answer to one request
 * @err: 0, or a negative errno: of the kernel, or -ECANCELED (channel closed),
 *	-ENOBUFS (the answer was lost; what became of the request is unknown)
 * @text: the kernel's explanation, "" if it gave none; never NULL
 * @count: entries deleted by a flush
 */
struct dvpn_ack {
	int err;
	const char *text;
	u32 count;
};

/* Called once for each request that was accepted; may make new requests. */
typedef void (*dvpn_ack_fn)(const struct dvpn_ack *ack, void *ctx);

/**
 * dvpn_chan_open - open a request channel
 * @c: where to put it; NULL on failure
 *
 * Return: as dvpn_open().
 */
int dvpn_chan_open(struct dvpn_chan **c);

/**
 * dvpn_chan_close - close a channel
 * @c: channel, or NULL
 *
 * Unanswered requests get -ECANCELED; what their callbacks ask for is dropped. Not to
 * be called from within a callback.
 */
void dvpn_chan_close(struct dvpn_chan *c);

/**
 * dvpn_chan_fd - the descriptor to watch for reading
 * @c: channel
 */
int dvpn_chan_fd(const struct dvpn_chan *c);

/*
 * Requests. Each is put into the queue and leaves with the next
 * dvpn_chan_flush(); order is kept. @fn may be NULL.
 *
 * Return: 0 if queued (then @fn is called later, never from here); -EINVAL if a
 * member is out of range or a mandatory one missing; -ENOMEM.
 */

/**
 * dvpn_map_new - add a mapping
 * @c: channel
 * @map: proto and peer at least
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 *
 * The kernel answers -EEXIST if there is one.
 */
int dvpn_map_new(struct dvpn_chan *c, const struct dvpn_map *map, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_map_replace - add a mapping, or replace all of an existing one but its id
 * @c: channel
 * @map: the mapping
 * @match: what an existing one must satisfy, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_map_replace(struct dvpn_chan *c, const struct dvpn_map *map,
		     const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_map_set - change a mapping
 * @c: channel
 * @map: named by proto, or without it by id; all else that it has is changed
 * @match: conditions, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 *
 * What only the kernel can say (age, idle, peer_id, flag INCOMPLETE) is not sent, so a
 * mapping that came from a dump may be given back; but see expires_ms.
 */
int dvpn_map_set(struct dvpn_chan *c, const struct dvpn_map *map, const struct dvpn_match *match,
		 dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_map_del - delete a mapping
 * @c: channel
 * @map: named as in dvpn_map_set()
 * @match: conditions, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_map_del(struct dvpn_chan *c, const struct dvpn_map *map, const struct dvpn_match *match,
		 dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_map_flush - delete the mappings that satisfy all conditions
 * @c: channel
 * @ifindex: the dvpn device
 * @match: owner or not_owner, or NULL
 * @flags: values of the flags selected
 * @flags_mask: flags that must be equal
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 *
 * The ack has their number.
 */
int dvpn_map_flush(struct dvpn_chan *c, unsigned int ifindex, const struct dvpn_match *match,
		   u32 flags, u32 flags_mask, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_peer_new - add a peer
 * @c: channel
 * @peer: key at least
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_peer_new(struct dvpn_chan *c, const struct dvpn_peer *peer, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_peer_replace - add a peer, or replace the attributes of an existing one
 * @c: channel
 * @peer: the peer
 * @match: what an existing one must satisfy, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_peer_replace(struct dvpn_chan *c, const struct dvpn_peer *peer,
		      const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_peer_set - change a peer
 * @c: channel
 * @peer: named by key, or without it by id; all else that it has is changed
 * @match: conditions, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_peer_set(struct dvpn_chan *c, const struct dvpn_peer *peer,
		  const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_peer_del - delete a peer
 * @c: channel
 * @peer: named as in dvpn_peer_set()
 * @match: conditions, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 *
 * The kernel answers -EBUSY while mappings point to it.
 */
int dvpn_peer_del(struct dvpn_chan *c, const struct dvpn_peer *peer,
		  const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_peer_flush - delete the peers that no mapping points to
 * @c: channel
 * @ifindex: the dvpn device
 * @match: owner or not_owner, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 *
 * The ack has their number.
 */
int dvpn_peer_flush(struct dvpn_chan *c, unsigned int ifindex, const struct dvpn_match *match,
		    dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_group_new - add an entry to the replication table
 * @c: channel
 * @group: the entry
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_group_new(struct dvpn_chan *c, const struct dvpn_group *group, dvpn_ack_fn fn,
		   void *ctx);

/**
 * dvpn_group_del - remove an entry from the replication table
 * @c: channel
 * @group: the entry
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_group_del(struct dvpn_chan *c, const struct dvpn_group *group, dvpn_ack_fn fn,
		   void *ctx);

/**
 * dvpn_frame_send - send an NHRP packet
 * @c: channel
 * @frame: the packet, copied
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 *
 * The ack is the result: 0 sent, -EHOSTUNREACH, -EMSGSIZE, -EINPROGRESS (no security
 * association yet), -EPERM (policy), -ENETDOWN.
 */
int dvpn_frame_send(struct dvpn_chan *c, const struct dvpn_frame *frame, dvpn_ack_fn fn,
		    void *ctx);

/**
 * dvpn_chan_flush - send what is queued, as many messages to a send as fit
 * @c: channel
 *
 * Keeps only so many requests unanswered that their answers fit into the receive
 * buffer; the rest goes when dvpn_chan_read() has made room. Calls no callback.
 *
 * Return: 0 or a negative errno (socket broken).
 */
int dvpn_chan_flush(struct dvpn_chan *c);

/**
 * dvpn_chan_read - take the answers that are there, then send what waits
 * @c: channel
 *
 * Never blocks. Callbacks are called from here.
 *
 * Return: 0, or a negative errno if the socket is broken.
 */
int dvpn_chan_read(struct dvpn_chan *c);

/**
 * dvpn_chan_pending - requests that are queued or not answered yet
 * @c: channel
 */
unsigned int dvpn_chan_pending(const struct dvpn_chan *c);

/**
 * dvpn_chan_wait - flush, then wait until nothing is pending
 * @c: channel
 * @timeout_ms: at most so long, -1 for ever
 *
 * For tools and for the end of an agent. Callbacks are called from here.
 *
 * Return: 0, -ETIMEDOUT, or a negative errno if the socket is broken.
 */
int dvpn_chan_wait(struct dvpn_chan *c, int timeout_ms);

#endif /* DVPN_LIB_CHAN_H */
