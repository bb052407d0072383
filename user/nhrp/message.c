// SPDX-License-Identifier: GPL-2.0
/* Building and sending messages: what all kinds of them have in common. */
#include "nhrp/auth.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/packet-ext.h"

/* false: we have no NBMA address of that family */
bool nhrp_msg_begin(struct nhrp_tunnel *t, struct nhrp_msg *msg,
		    enum nhrp_type type, const struct nhrp_peer_key *to,
		    const struct nhrp_addr *src, const struct nhrp_addr *dst)
{
	const struct nhrp_addr *own = nhrp_own_nbma(t, to->nbma.family);

	if (!own || src->family != dst->family) {
		nhrp_count(t, NHRP_C_DROP_FAMILY);
		return false;
	}
	nhrp_msg_init(msg, type, to->nbma.family, src->family);
	msg->src_nbma = *own;
	msg->src_proto = *src;
	msg->dst_proto = *dst;
	return true;
}

/* The order is what FRR sends and Cisco takes. */
void nhrp_msg_standard_exts(struct nhrp_msg *msg)
{
	nhrp_msg_add_ext_cies(msg, NHRP_EXT_FORWARD_TRANSIT);
	nhrp_msg_add_ext_cies(msg, NHRP_EXT_REVERSE_TRANSIT);
	nhrp_msg_add_ext_cies(msg, NHRP_EXT_RESPONDER);
	nhrp_msg_add_ext_cies(msg, NHRP_EXT_NAT);
}

struct nhrp_cie *nhrp_msg_own_cie(struct nhrp_tunnel *t,
				  struct nhrp_cie_list *list, u8 nbma_family,
				  const struct nhrp_addr *proto, u16 hold_s)
{
	const struct nhrp_addr *own = nhrp_own_nbma(t, nbma_family);
	struct nhrp_cie *cie = own && list ? nhrp_cie_list_add(list) : NULL;

	if (!cie)
		return NULL;
	cie->mtu = t->cfg.mtu;
	cie->holding_time = hold_s;
	cie->nbma = *own;
	if (proto)
		cie->proto = *proto;
	return cie;
}

static enum nhrp_counter tx_counter(u8 type)
{
	switch (type) {
	case NHRP_RESOLUTION_REQUEST:
		return NHRP_C_TX_RESOLUTION_REQUEST;
	case NHRP_RESOLUTION_REPLY:
		return NHRP_C_TX_RESOLUTION_REPLY;
	case NHRP_REGISTRATION_REQUEST:
		return NHRP_C_TX_REGISTRATION_REQUEST;
	case NHRP_REGISTRATION_REPLY:
		return NHRP_C_TX_REGISTRATION_REPLY;
	case NHRP_PURGE_REQUEST:
		return NHRP_C_TX_PURGE_REQUEST;
	case NHRP_PURGE_REPLY:
		return NHRP_C_TX_PURGE_REPLY;
	case NHRP_ERROR_INDICATION:
		return NHRP_C_TX_ERROR;
	default:
		return NHRP_C_TX_INDICATION;
	}
}

/* Somebody else's message goes on its way: neither it nor its end is one of ours by count. */
enum nhrp_counter nhrp_msg_pass_on(struct nhrp_tunnel *t, struct nhrp_msg *msg,
				   const struct nhrp_peer_key *to, u32 cookie_id)
{
	struct nhrp_env *env = &t->core->env;
	u8 pkt[NHRP_FRAME_MAX];
	int len;

	len = nhrp_auth_encode(t, msg, to, pkt, sizeof(pkt));
	if (len < 0)
		return len == -EAFNOSUPPORT ? NHRP_C_DROP_FAMILY :
		       len == -EDESTADDRREQ ? NHRP_C_DROP_UNREGISTERED :
		       len == -ENOKEY ? NHRP_C_DROP_KEY : NHRP_C_DROP_TOO_LONG;
	nhrp_count(t, NHRP_C_TX);
	nhrp_trace(t, NHRP_VERDICT_SENT, NHRP_C_NONE, to, pkt, len);
	env->tx_frame(env->ctx, t, to, pkt, len, cookie_id);
	return NHRP_C_NONE;
}

bool nhrp_msg_send(struct nhrp_tunnel *t, struct nhrp_msg *msg,
		   const struct nhrp_peer_key *to, u32 cookie_id)
{
	enum nhrp_counter why;

	nhrp_count(t, tx_counter(msg->type));
	why = nhrp_msg_pass_on(t, msg, to, cookie_id);
	if (why != NHRP_C_NONE)
		nhrp_count(t, why);
	return why == NHRP_C_NONE;
}

static void reply_dvpn(struct nhrp_rx *rx, struct nhrp_msg *reply)
{
	struct nhrp_dvpn d;

	if (!nhrp_extensions_for(rx->t, &rx->frame->from) || nhrp_msg_get_dvpn(reply, &d))
		return;
	d.role = NHRP_DVPN_REPLY;
	d.epoch = rx->t->epoch;
	d.counter = nhrp_auth_counter(rx->t, &rx->frame->from);
	nhrp_msg_set_dvpn(reply, &d);
}

/*
 * RFC 2332 5.3: the extensions of a request come back in the reply, in order,
 * with the Responder Address filled in.
 */
void nhrp_msg_reply(struct nhrp_rx *rx, struct nhrp_msg *reply,
		    const struct nhrp_addr *self)
{
	*reply = *rx->msg;
	reply->type++;
	reply->hop_count = 64;
	reply->pad_len = 0;
	nhrp_auth_reply(rx, reply);
	nhrp_msg_del_ext(reply, NHRP_EXT_AUTH);
	if (nhrp_msg_ext(reply, NHRP_EXT_RESPONDER)) {
		reply->responder.n = 0;
		nhrp_msg_own_cie(rx->t, &reply->responder, reply->nbma_family,
				 self, rx->t->cfg.holding_time_s);
	}
	reply_dvpn(rx, reply);
}

bool nhrp_msg_is_hint(const struct nhrp_msg *msg)
{
	return msg->type == NHRP_REGISTRATION_REPLY && !msg->request_id;
}
