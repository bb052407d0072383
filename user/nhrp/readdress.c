// SPDX-License-Identifier: GPL-2.0
/*
 * Our own addresses change, and only what they are in changes with them
 *
 * A protocol address that comes is registered. One that goes is deregistered,
 * and whoever was told as that address is told to forget it. An NBMA address
 * that changes takes what was told and proven in its family with it. The rest
 * does not notice.
 */
#include "nhrp/internal.h"
#include "nhrp/readdress.h"
#include "nhrp/remote.h"
#include "nhrp/shortcut.h"

/* We are somewhere else now. That we had no address before is no move. */
bool nhrp_nbma_moved(const struct nhrp_tunnel_config *old,
		     const struct nhrp_tunnel_config *now, u8 family)
{
	unsigned int six = family == AF_INET6;

	return !nhrp_addr_none(&old->nbma[six]) &&
	       !nhrp_addr_eq(&old->nbma[six], &now->nbma[six]);
}

/* While we still have the address that others have to forget. */
void nhrp_readdress_before(struct nhrp_tunnel *t,
			   const struct nhrp_tunnel_config *next, u64 now)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->remotes) {
		struct nhrp_remote *r = container_of(n, struct nhrp_remote,
						     node);
		bool moved = nhrp_nbma_moved(&t->cfg, next,
					     r->peer.nbma.family);

		nhrp_remote_purge_told(r, moved ? NULL : next, now);
	}
}

/* A direct path was proven from the old address: prove it again. */
static void unprove(struct nhrp_remote *r, u64 now)
{
	r->proven = false;
	nhrp_shortcut_remote_changed(r, now);
	nhrp_probe_soon(r, now);
}

static bool same_subnets(const struct nhrp_tunnel_config *a,
			 const struct nhrp_tunnel_config *b)
{
	unsigned int i;

	if (a->nr_locals != b->nr_locals)
		return false;
	for (i = 0; i < a->nr_locals; i++)
		if (nhrp_prefix_cmp(&a->locals[i], &b->locals[i]))
			return false;
	return true;
}

/* What a subnet of ours says of a host: found as next hop or as destination. */
static void set_hosts(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->shortcuts) {
		struct nhrp_shortcut *s = container_of(n, struct nhrp_shortcut,
						       node);

		if (nhrp_prefix_is_host(&s->prefix))
			nhrp_shortcut_set(s, now);
	}
}

void nhrp_readdress_after(struct nhrp_tunnel *t,
			  const struct nhrp_tunnel_config *old, u64 now)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->remotes) {
		struct nhrp_remote *r = container_of(n, struct nhrp_remote,
						     node);

		if (nhrp_nbma_moved(old, &t->cfg, r->peer.nbma.family))
			unprove(r, now);
	}
	if (!same_subnets(old, &t->cfg))
		set_hosts(t, now);
}
