/* SPDX-License-Identifier: GPL-2.0 */
/* libdvpn: one request at a time, the call waits for the answer */
#ifndef DVPN_LIB_HANDLE_H
#define DVPN_LIB_HANDLE_H

#include "lib/objects.h"

struct dvpn_handle;

/**
 * dvpn_open - open a handle for synchronous requests
 * @h: where to put it; NULL on failure
 *
 * Loads the module if the caller may and the kernel knows where it is.
 *
 * Return: 0, -ENOENT if the kernel has no family "dvpn" (module not loaded), or
 * another negative errno.
 */
int dvpn_open(struct dvpn_handle **h);
/**
 * dvpn_close - close a handle
 * @h: handle, or NULL
 */
void dvpn_close(struct dvpn_handle *h);

/**
 * dvpn_error - what went wrong in the last call, in words
 * @h: handle
 *
 * Return: never NULL; empty if it succeeded.
 */
const char *dvpn_error(const struct dvpn_handle *h);

/**
 * dvpn_dump_maps - the mappings of a device, or of all devices
 * @h: handle
 * @ifindex: the dvpn device, 0: every one of the namespace
 * @out: array that the caller frees with free(); NULL on failure
 * @n: entries in @out
 *
 * Return: 0; 1 if the table kept changing during every one of a few attempts (what was
 * there all the time is in the array exactly once); a negative errno.
 */
int dvpn_dump_maps(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_map **out, size_t *n);

/**
 * dvpn_dump_peers - the peers of a device, or of all devices
 * @h: handle
 * @ifindex: the dvpn device, 0: every one of the namespace
 * @out: array that the caller frees with free(); NULL on failure
 * @n: entries in @out
 *
 * Return: 0; 1 if the table kept changing during every one of a few attempts (what was
 * there all the time is in the array exactly once); a negative errno.
 */
int dvpn_dump_peers(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_peer **out,
		    size_t *n);

/**
 * dvpn_dump_groups - the replication table of a device, or of all devices
 * @h: handle
 * @ifindex: the dvpn device, 0: every one of the namespace
 * @out: array that the caller frees with free(); NULL on failure
 * @n: entries in @out
 *
 * Return: 0; 1 if the table kept changing during every one of a few attempts (what was
 * there all the time is in the array exactly once); a negative errno.
 */
int dvpn_dump_groups(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_group **out,
		     size_t *n);

/**
 * dvpn_dump_devs - all devices of the namespace
 * @h: handle
 * @out: array that the caller frees with free(); NULL on failure
 * @n: entries in @out
 *
 * Return: as dvpn_dump_maps().
 */
int dvpn_dump_devs(struct dvpn_handle *h, struct dvpn_dev **out, size_t *n);

/**
 * dvpn_dev_get - a device's counters and state
 * @h: handle
 * @ifindex: the dvpn device
 * @dev: filled in
 *
 * Return: 0, -ENODEV, or another negative errno.
 */
int dvpn_dev_get(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_dev *dev);

/**
 * dvpn_map_get - one mapping
 * @h: handle
 * @map: names it by proto and prefixlen, or by id; filled in
 *
 * Return: 0, -ENOENT, or another negative errno.
 */
int dvpn_map_get(struct dvpn_handle *h, struct dvpn_map *map);

/**
 * dvpn_peer_get - one peer
 * @h: handle
 * @peer: names it by key or by id; filled in
 *
 * Return: 0, -ENOENT, or another negative errno.
 */
int dvpn_peer_get(struct dvpn_handle *h, struct dvpn_peer *peer);

/**
 * dvpn_map_lookup - what would the data path do with a packet?
 * @h: handle
 * @ifindex: the dvpn device
 * @dst: destination of the packet
 * @nexthop: its next hop; NULL: the destination
 * @map: the mapping used; map->has is 0 if there is none
 *
 * Return: &enum dvpn_verdict or a negative errno.
 */
int dvpn_map_lookup(struct dvpn_handle *h, unsigned int ifindex, const struct dvpn_addr *dst,
		    const struct dvpn_addr *nexthop, struct dvpn_map *map);

#endif /* DVPN_LIB_HANDLE_H */
