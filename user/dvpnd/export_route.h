/* SPDX-License-Identifier: GPL-2.0 */
/* Host routes by a tunnel in the kernel's tables, for export.c: made, taken out, found */
#ifndef DVPND_EXPORT_ROUTE_H
#define DVPND_EXPORT_ROUTE_H

#include "nhrp/addr.h"

#define EXPORT_BATCH_MAX	128	/* so that the answers fit the socket's buffer */

/**
 * struct export_socket - for requests to the kernel
 * @fd: socket, -1: none.
 * @ifindex: of the tunnel.
 * @seq: of the last request.
 */
struct export_socket {
	int fd;
	unsigned int ifindex;
	u32 seq;
};

/**
 * struct export_change - what is to become of a route
 * @addr: that it leads to.
 * @table: that it is in.
 * @add: make it, else take it out.
 * @err: what became of it: 0 or a negative errno.
 */
struct export_change {
	struct nhrp_addr addr;
	u32 table;
	bool add;
	int err;
};

/* A route of ours that was found. */
typedef void (*export_found_fn)(const struct nhrp_addr *addr, u32 table, void *ctx);

/**
 * export_socket_open() - open a socket
 * @s: where.
 * @ifindex: of the tunnel.
 *
 * Return: 0 or a negative errno.
 */
int export_socket_open(struct export_socket *s, unsigned int ifindex);
void export_socket_close(struct export_socket *s);

/**
 * export_socket_change() - make routes and take some out
 * @s: socket.
 * @changes: what; the kernel carries them out in this order.
 * @n: their number, %EXPORT_BATCH_MAX at most.
 *
 * Only a route with the protocol number that is ours is taken out, and none is
 * written over.
 *
 * Return: 0; a negative errno if it is not known what became of them.
 */
int export_socket_change(struct export_socket *s, struct export_change *changes, unsigned int n);

/**
 * export_socket_ask() - ask for all routes of ours by the tunnel, in any table
 * @s: socket.
 * @family: of the routes.
 *
 * Return: 0 or a negative errno.
 */
int export_socket_ask(struct export_socket *s, u8 family);

/**
 * export_socket_read() - read a part of the answer
 * @s: socket.
 * @found: called for each route.
 * @ctx: for @found.
 *
 * Return: 1: it is complete; 0: there is more; a negative errno.
 */
int export_socket_read(struct export_socket *s, export_found_fn found, void *ctx);

#endif /* DVPND_EXPORT_ROUTE_H */
