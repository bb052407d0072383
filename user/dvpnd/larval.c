// SPDX-License-Identifier: GPL-2.0
/* Larval states: see larval.h */
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include <netlink/msg.h>

#include "dvpnd/larval.h"
#include "dvpnd/xfrm.h"

#define LARVAE_MAX	16	/* taken at a time */

/**
 * struct larvae - those that were found
 * @nr: number of @list.
 * @list: what the kernel tells of them.
 */
struct larvae {
	unsigned int nr;
	struct xfrm_usersa_info list[LARVAE_MAX];
};

static int on_state(struct nl_msg *msg, void *arg)
{
	const struct xfrm_usersa_info *state = xfrm_state_in(msg);
	struct larvae *found = arg;

	/* It may have an SPI: that of the one before, if strongSwan's policy for that is left. */
	if (state && state->seq && !xfrm_has_keys(msg) && found->nr < LARVAE_MAX)
		found->list[found->nr++] = *state;
	return NL_OK;
}

static int on_spi(struct nl_msg *msg, void *arg)
{
	const struct xfrm_usersa_info *state = xfrm_state_in(msg);

	if (state)
		*(__be32 *)arg = state->id.spi;
	return NL_OK;
}

static int find(struct nl_sock *nl, const struct nhrp_addr *nbma, struct larvae *found)
{
	struct nl_msg *msg = nlmsg_alloc_simple(XFRM_MSG_GETSA, NLM_F_DUMP);
	struct xfrm_address_filter filter = {
		.family = nbma->family,
		.dplen = nhrp_addr_bits(nbma),
	};

	if (!msg)
		return -ENOMEM;
	memcpy(&filter.daddr, nbma->b, nbma->len);
	if (nla_put(msg, XFRMA_ADDRESS_FILTER, sizeof(filter), &filter) ||
	    nla_put_u8(msg, XFRMA_PROTO, IPPROTO_ESP)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return xfrm_ask(nl, msg, on_state, found);
}

/* Only what has an SPI can be named: it is given one. */
static __be32 give_spi(struct nl_sock *nl, const struct xfrm_usersa_info *larva)
{
	struct xfrm_userspi_info info = { .info = *larva, .min = 0x100, .max = UINT32_MAX };
	struct nl_msg *msg = nlmsg_alloc_simple(XFRM_MSG_ALLOCSPI, 0);
	__be32 spi = 0;

	if (!msg)
		return 0;
	if (nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return 0;
	}
	return xfrm_ask(nl, msg, on_spi, &spi) < 0 ? 0 : spi;
}

static bool end(struct nl_sock *nl, const struct xfrm_usersa_info *larva)
{
	struct xfrm_usersa_id id = {
		.daddr = larva->id.daddr,
		.family = larva->family,
		.proto = larva->id.proto,
	};

	id.spi = larva->id.spi ? larva->id.spi : give_spi(nl, larva);
	return id.spi && xfrm_end_state(nl, &id);
}

int larval_clear(const struct nhrp_addr *nbma)
{
	struct nl_sock *nl = xfrm_open();
	struct larvae found = { 0 };
	unsigned int i;
	int n = -EIO;

	if (!nl)
		return -EIO;
	if (!find(nl, nbma, &found))
		for (i = 0, n = 0; i < found.nr; i++)
			n += end(nl, &found.list[i]);
	nl_socket_free(nl);
	return n;
}
