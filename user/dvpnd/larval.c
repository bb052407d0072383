// SPDX-License-Identifier: GPL-2.0
/* Larval states: see larval.h */
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include <linux/xfrm.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "dvpnd/larval.h"

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

/* What came, if it is a state. */
static const struct xfrm_usersa_info *state_in(struct nl_msg *msg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);

	return nlh->nlmsg_type == XFRM_MSG_NEWSA &&
	       nlmsg_valid_hdr(nlh, sizeof(struct xfrm_usersa_info)) ? nlmsg_data(nlh) : NULL;
}

static int on_state(struct nl_msg *msg, void *arg)
{
	const struct xfrm_usersa_info *state = state_in(msg);
	struct larvae *found = arg;

	/* It has a number by which it was asked for, and nothing else yet. */
	if (state && !state->id.spi && state->seq && found->nr < LARVAE_MAX)
		found->list[found->nr++] = *state;
	return NL_OK;
}

static int on_spi(struct nl_msg *msg, void *arg)
{
	const struct xfrm_usersa_info *state = state_in(msg);

	if (state)
		*(__be32 *)arg = state->id.spi;
	return NL_OK;
}

/* Sends @msg, which is freed, and reads what comes. */
static int ask(struct nl_sock *nl, struct nl_msg *msg,
	       int (*valid)(struct nl_msg *msg, void *arg), void *arg)
{
	int err = nl_send_auto(nl, msg);

	nlmsg_free(msg);
	nl_socket_modify_cb(nl, NL_CB_VALID, NL_CB_CUSTOM, valid, arg);
	return err < 0 ? err : nl_recvmsgs_default(nl);
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
	return ask(nl, msg, on_state, found);
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
	return ask(nl, msg, on_spi, &spi) < 0 ? 0 : spi;
}

static bool end(struct nl_sock *nl, const struct xfrm_usersa_info *larva)
{
	struct xfrm_usersa_id id = {
		.daddr = larva->id.daddr,
		.family = larva->family,
		.proto = larva->id.proto,
	};
	struct nl_msg *msg;

	id.spi = give_spi(nl, larva);
	msg = id.spi ? nlmsg_alloc_simple(XFRM_MSG_DELSA, NLM_F_ACK) : NULL;
	if (!msg)
		return false;
	if (nlmsg_append(msg, &id, sizeof(id), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return false;
	}
	return nl_send_sync(nl, msg) >= 0;
}

int larval_clear(const struct nhrp_addr *nbma)
{
	struct nl_sock *nl = nl_socket_alloc();
	struct larvae found = { 0 };
	unsigned int i;
	int n = -EIO;

	if (!nl)
		return -ENOMEM;
	nl_socket_disable_seq_check(nl);
	if (!nl_connect(nl, NETLINK_XFRM) && find(nl, nbma, &found) >= 0)
		for (i = 0, n = 0; i < found.nr; i++)
			n += end(nl, &found.list[i]);
	nl_socket_free(nl);
	return n;
}
