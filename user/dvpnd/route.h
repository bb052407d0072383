/* SPDX-License-Identifier: GPL-2.0 */
/* Questions to the kernel's routing tables, and the news that they changed */
#ifndef DVPND_ROUTE_H
#define DVPND_ROUTE_H

#include "nhrp/addr.h"

#define ROUTE_HOPS_MAX 8

/* Who made a route: us. No other program of note uses this number, it is GRE's of IP. */
#define ROUTE_PROTOCOL_OURS 47

struct route;

/**
 * struct route_hop - one way a route goes
 * @oif: interface it leaves by, 0: none (unreachable, blackhole).
 * @gateway: next hop; family 0: the destination itself.
 */
struct route_hop {
	unsigned int oif;
	struct nhrp_addr gateway;
};

/**
 * struct route_info - a route, as found in a table
 * @dst: the prefix that it is for.
 * @table: number of the table it is in.
 * @is_local: it is an address of this host.
 * @protocol: who made it, %ROUTE_PROTOCOL_OURS or another RTPROT_*.
 * @prefsrc: source address that the kernel would take; family 0 if not told.
 * @nr_hops: number of @hops.
 * @hops: several for a multipath route.
 */
struct route_info {
	struct nhrp_prefix dst;
	u32 table;
	bool is_local;
	u8 protocol;
	struct nhrp_addr prefsrc;
	unsigned int nr_hops;
	struct route_hop hops[ROUTE_HOPS_MAX];
};

/* Does a route by these hops leave by the other exit than the one asked about? */
typedef bool (*route_differs_fn)(const struct route_info *route, void *ctx);

/**
 * route_open() - open the sockets
 * @r: where to put it.
 *
 * Return: 0 or a negative errno.
 */
int route_open(struct route **r);
void route_close(struct route *r);

/* Watch for reading: something changed. */
int route_fd(const struct route *r);

/**
 * route_read() - take the news
 * @r: routes.
 *
 * Return: whether a route changed (or news were lost).
 */
bool route_read(struct route *r);

/**
 * route_lookup() - the route that covers an address
 * @r: routes.
 * @dst: address.
 * @master: ifindex of the VRF to look in, 0: the default one.
 * @info: what was found.
 *
 * Return: 0; -ENETUNREACH and the like from the kernel.
 */
int route_lookup(struct route *r, const struct nhrp_addr *dst, unsigned int master,
		 struct route_info *info);

/**
 * route_source() - the source address that packets to an address take
 * @r: routes.
 * @dst: address.
 * @oif: interface that they must leave by, 0: any.
 * @mark: routing mark.
 * @tunnel: interface of the tunnel that the packets are the outside of.
 * @src: where to put it.
 *
 * Return: 0; -ELOOP if they would leave by the tunnel itself; another negative
 * errno.
 */
int route_source(struct route *r, const struct nhrp_addr *dst, unsigned int oif, u32 mark,
		 unsigned int tunnel, struct nhrp_addr *src);

/**
 * route_lengthen() - cut a prefix until only one exit is inside
 * @r: routes.
 * @table: table to look in.
 * @dst: address that stays inside.
 * @prefix: what to cut.
 * @differs: called for each more specific route inside @prefix.
 * @ctx: for @differs.
 *
 * RFC 2332 section 6.3: a prefix may be handed out only if no more specific
 * route with another exit lies inside it.
 *
 * Return: 0, or a negative errno if the table cannot be read; @prefix is the
 * host prefix then.
 */
int route_lengthen(struct route *r, u32 table, const struct nhrp_addr *dst,
		   struct nhrp_prefix *prefix, route_differs_fn differs, void *ctx);

#endif /* DVPND_ROUTE_H */
