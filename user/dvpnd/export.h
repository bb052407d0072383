/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A host route for each protocol address that is registered here, in a routing table
 * from which a routing daemon tells other hubs ("export-registrations")
 *
 * It remembers which ones should be there and which ones are, and sends the kernel the
 * difference. Routes of others are not touched: ours are those by the tunnel with the
 * protocol number that is ours (%ROUTE_PROTOCOL_OURS).
 */
#ifndef DVPND_EXPORT_H
#define DVPND_EXPORT_H

#include "nhrp/map.h"

struct export;
struct nhrp_binding_info;

/**
 * struct export_stats - how things are
 * @routes: ours that are in the kernel.
 * @failed: that should be there and are not, for the reason that was logged or because
 *	the interface is down.
 */
struct export_stats {
	unsigned int routes;
	unsigned int failed;
};

/**
 * export_new() - begin to look after the routes by a tunnel
 * @tunnel: name for log lines; must stay.
 * @ifindex: of the tunnel.
 * @table: for the routes, 0: no routes.
 *
 * What is in the kernel is found first; say what should be there before export_run().
 *
 * Return: NULL without memory or socket.
 */
struct export *export_new(const char *tunnel, unsigned int ifindex, u32 table);

/* Forget everything; the kernel stays as it is. @x may be NULL. */
void export_free(struct export *x);

/**
 * export_set_table() - use another table
 * @x: exporter.
 * @table: 0: none.
 *
 * If it is not the same as before, all that should be there must be said again.
 *
 * Return: whether it is another one.
 */
bool export_set_table(struct export *x, u32 table);

/* This mapping is to be in the kernel's table: is it a registration? @x may be NULL. */
void export_map_set(struct export *x, const struct nhrp_map *map);
/* No mapping of this prefix is to be there. */
void export_map_del(struct export *x, const struct nhrp_prefix *prefix);
/* A registration, as nhrp_tunnel_walk_bindings() tells it; @x is a struct export. */
void export_binding(void *x, const struct nhrp_binding_info *info);

/**
 * export_resync() - find out anew what is in the kernel
 * @x: exporter or NULL.
 *
 * When the interface changed: the kernel takes out routes by one that goes down and
 * does not say so.
 */
void export_resync(struct export *x);

/**
 * export_run() - bring the kernel nearer to what should be there, a bounded piece of work
 * @x: exporter.
 *
 * Return: milliseconds until there is something to do, UINT64_MAX: nothing.
 */
u64 export_run(struct export *x);

/**
 * export_settled() - is what should be there known to be there, and nothing else?
 * @x: exporter.
 *
 * But for what the kernel refuses, and until something changes. Also if it cannot be
 * known: the kernel does not tell.
 */
bool export_settled(const struct export *x);

void export_stats(const struct export *x, struct export_stats *stats);

#endif /* DVPND_EXPORT_H */
