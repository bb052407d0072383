/* SPDX-License-Identifier: GPL-2.0 */
/* Messages: the one being handled, those we build and send; its errors. */
#ifndef NHRP_MESSAGE_H
#define NHRP_MESSAGE_H

#include "nhrp/core.h"
#include "nhrp/packet.h"

#define NHRP_FRAME_MAX		NHRP_PKT_MAX
#define NHRP_CLAIM_MAX		512	/* bytes of a request kept back */

/**
 * struct nhrp_rx - a message being handled
 * @t: tunnel
 * @frame: as it came
 * @msg: as it was understood
 * @key_id: of the key that it is signed with, 0: not signed
 * @identity: whose key that is, or whom IKE has proved to send it; NULL: nobody's, or a group's
 * @ike: who that is to IKE; "": nobody, or one that is known by its address; NULL: not known yet
 * @ike_owner: nhrp_ike_owner() of @ike
 * @now: now
 */
struct nhrp_rx {
	struct nhrp_tunnel *t;
	const struct nhrp_frame *frame;
	struct nhrp_msg *msg;
	u16 key_id;
	struct nhrp_identity *identity;
	const char *ike;
	u64 ike_owner;
	u64 now;
};

/* message.c */
bool nhrp_msg_begin(struct nhrp_tunnel *t, struct nhrp_msg *msg,
		    enum nhrp_type type, const struct nhrp_peer_key *to,
		    const struct nhrp_addr *src, const struct nhrp_addr *dst);
bool nhrp_msg_send(struct nhrp_tunnel *t, struct nhrp_msg *msg,
		   const struct nhrp_peer_key *to, u32 cookie_id);
/* NHRP_C_NONE, or why it cannot be sent, which is not counted yet. */
enum nhrp_counter nhrp_msg_pass_on(struct nhrp_tunnel *t, struct nhrp_msg *msg,
				   const struct nhrp_peer_key *to, u32 cookie_id);
void nhrp_msg_reply(struct nhrp_rx *rx, struct nhrp_msg *reply,
		    const struct nhrp_addr *self);
struct nhrp_cie *nhrp_msg_own_cie(struct nhrp_tunnel *t,
				  struct nhrp_cie_list *list, u8 nbma_family,
				  const struct nhrp_addr *proto, u16 hold_s);
void nhrp_msg_standard_exts(struct nhrp_msg *msg);
/* "I do not know you": a Registration Reply that answers nothing. */
bool nhrp_msg_is_hint(const struct nhrp_msg *msg);

/* error.c */
void nhrp_error_send(struct nhrp_rx *rx, enum nhrp_error code, u16 offset);
void nhrp_error_send_raw(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
			 enum nhrp_error code, u16 offset, u64 now);
void nhrp_error_rx(struct nhrp_rx *rx);

/* frame.c */
bool nhrp_refuse_unknown(struct nhrp_rx *rx);

#endif
