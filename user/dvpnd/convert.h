/* SPDX-License-Identifier: GPL-2.0 */
/* Between the protocol core's structs and the netlink library's */
#ifndef DVPND_CONVERT_H
#define DVPND_CONVERT_H

#include <arpa/inet.h>
#include <string.h>

#include "lib/dvpn.h"
#include "nhrp/core.h"

static inline void addr_to_nhrp(struct nhrp_addr *to, const struct dvpn_addr *from)
{
	nhrp_addr_set(to, from->family, from->bytes);
}

static inline void addr_to_dvpn(struct dvpn_addr *to, const struct nhrp_addr *from)
{
	memset(to, 0, sizeof(*to));
	to->family = from->family;
	memcpy(to->bytes, from->b, from->len);
}

static inline void key_to_nhrp(struct nhrp_peer_key *to, const struct dvpn_peer_key *from)
{
	memset(to, 0, sizeof(*to));
	addr_to_nhrp(&to->nbma, &from->nbma);
	to->encap = from->encap;
	to->port = ntohs(from->port);
	to->mark = from->mark;
	to->if_id = from->xfrm_if_id;
}

static inline void key_to_dvpn(struct dvpn_peer_key *to, const struct nhrp_peer_key *from)
{
	memset(to, 0, sizeof(*to));
	addr_to_dvpn(&to->nbma, &from->nbma);
	to->encap = from->encap;
	to->port = htons(from->port);
	to->mark = from->mark;
	to->xfrm_if_id = from->if_id;
}

static inline void prefix_to_nhrp(struct nhrp_prefix *to, const struct dvpn_map *from)
{
	addr_to_nhrp(&to->addr, &from->proto);
	to->plen = from->prefixlen;
}

#endif /* DVPND_CONVERT_H */
