// SPDX-License-Identifier: GPL-2.0
/* Asking the kernel about IPsec: see xfrm.h */
#include <errno.h>
#include <string.h>

#include <netlink/msg.h>

#include "dvpnd/xfrm.h"

struct nl_sock *xfrm_open(void)
{
	struct nl_sock *nl = nl_socket_alloc();

	if (!nl)
		return NULL;
	nl_socket_disable_seq_check(nl);
	if (nl_connect(nl, NETLINK_XFRM)) {
		nl_socket_free(nl);
		return NULL;
	}
	return nl;
}

int xfrm_ask(struct nl_sock *nl, struct nl_msg *msg, xfrm_message_fn message, void *ctx)
{
	int err;

	if (!msg)
		return -ENOMEM;
	err = nl_send_auto(nl, msg);
	nlmsg_free(msg);
	nl_socket_modify_cb(nl, NL_CB_VALID, NL_CB_CUSTOM, message, ctx);
	if (err < 0 || nl_recvmsgs_default(nl) < 0)
		return -EIO;
	return 0;
}

int xfrm_tell(struct nl_msg *msg)
{
	struct nl_sock *nl = xfrm_open();
	int err;

	if (!nl) {
		nlmsg_free(msg);
		return -EIO;
	}
	err = nl_send_sync(nl, msg);
	nl_socket_free(nl);
	return err < 0 ? -EIO : 0;
}

const struct xfrm_usersa_info *xfrm_state_in(struct nl_msg *msg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);

	return nlh->nlmsg_type == XFRM_MSG_NEWSA &&
	       nlmsg_valid_hdr(nlh, sizeof(struct xfrm_usersa_info)) ? nlmsg_data(nlh) : NULL;
}

bool xfrm_has_keys(struct nl_msg *msg)
{
	static const int keys[] = { XFRMA_ALG_AEAD, XFRMA_ALG_CRYPT, XFRMA_ALG_AUTH };
	unsigned int i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (nlmsg_find_attr(nlmsg_hdr(msg), sizeof(struct xfrm_usersa_info), keys[i]))
			return true;
	return false;
}

bool xfrm_end_state(struct nl_sock *nl, const struct xfrm_usersa_id *id)
{
	struct nl_msg *msg = nlmsg_alloc_simple(XFRM_MSG_DELSA, NLM_F_ACK);

	if (!msg)
		return false;
	if (nlmsg_append(msg, (void *)id, sizeof(*id), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return false;
	}
	return nl_send_sync(nl, msg) >= 0;
}

xfrm_address_t xfrm_address(const struct nhrp_addr *addr)
{
	xfrm_address_t a = { 0 };

	memcpy(&a, addr->b, addr->len);
	return a;
}
