/* SPDX-License-Identifier: GPL-2.0 */
/* Asking the kernel about IPsec */
#ifndef DVPND_XFRM_H
#define DVPND_XFRM_H

#include <linux/xfrm.h>
#include <netlink/netlink.h>

#include "nhrp/addr.h"

/* Called for each message of an answer; NL_OK. */
typedef int (*xfrm_message_fn)(struct nl_msg *msg, void *ctx);

/* A socket, to be freed by nl_socket_free(); NULL: there is none. */
struct nl_sock *xfrm_open(void);

/**
 * xfrm_ask() - send, and read what comes
 * @nl: socket.
 * @msg: freed. NULL is allowed.
 * @message: called for each message of the answer.
 * @ctx: for @message.
 *
 * Return: 0 or a negative errno.
 */
int xfrm_ask(struct nl_sock *nl, struct nl_msg *msg, xfrm_message_fn message, void *ctx);

/* Send and wait until it is done; @msg is freed. Return: 0 or a negative errno. */
int xfrm_tell(struct nl_msg *msg);

/* The state that a message tells of, NULL: it does not. */
const struct xfrm_usersa_info *xfrm_state_in(struct nl_msg *msg);

/* That state has its keys: it is not one that is asked for, or being made. */
bool xfrm_has_keys(struct nl_msg *msg);

/* Whether there was such a state and is none any more. */
bool xfrm_end_state(struct nl_sock *nl, const struct xfrm_usersa_id *id);

/* As the kernel has an address. */
xfrm_address_t xfrm_address(const struct nhrp_addr *addr);

#endif /* DVPND_XFRM_H */
