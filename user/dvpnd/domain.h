/* SPDX-License-Identifier: GPL-2.0 */
/* Tunnels of one domain: what comes by one may go on by another. */
#ifndef DVPND_DOMAIN_H
#define DVPND_DOMAIN_H

#include <stdbool.h>

struct tunnel;

/**
 * domain_same() - are two tunnels of one network?
 * @a: one that has its device.
 * @b: another one that has.
 *
 * Return: whether they have the same domain, which is not 0, in the same VRF.
 */
bool domain_same(const struct tunnel *a, const struct tunnel *b);

/**
 * domain_tunnel_at() - whose device is it that a route leaves by?
 * @t: tunnel that asks.
 * @oif: interface index of the device.
 *
 * Return: @t, another tunnel of its domain, or NULL: none of them.
 */
struct tunnel *domain_tunnel_at(struct tunnel *t, unsigned int oif);

/**
 * domain_congested() - does too much wait for the kernel?
 * @t: a tunnel that we are the agent of.
 *
 * Return: whether so much waits at @t, or at another tunnel of its domain, that no more
 *	messages should be begun with: any of them may go on by any of those.
 */
bool domain_congested(const struct tunnel *t);

#endif /* DVPND_DOMAIN_H */
