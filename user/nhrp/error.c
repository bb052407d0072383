// SPDX-License-Identifier: GPL-2.0
/*
 * Error Indications (RFC 2332 5.2.7): never about an error, and so few per second
 * in all that forging sources to have them sent there is not worth while. They
 * quote the whole packet if it fits. What we receive is a hint, and only if a hub
 * of ours passed it on and it quotes a request that is outstanding.
 */
#include "nhrp/auth.h"
#include "nhrp/domain.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/nhc.h"
#include "nhrp/request.h"
#include "nhrp/resolve.h"
#include "nhrp/transit.h"

#define ERROR_INTERVAL_US	100000
#define ERROR_BURST		10
#define ERROR_LEN_MAX		1280	/* fits everywhere, outer headers and all */

void nhrp_error_send_raw(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
			 enum nhrp_error code, u16 offset, u64 now)
{
	u8 family = frame->from.nbma.family;
	const struct nhrp_prefix *local;
	struct nhrp_msg quoted, msg;
	u8 pkt[NHRP_FRAME_MAX];
	size_t quote = frame->len;
	int overhead;

	if (!nhrp_bucket_take(&t->error_total, ERROR_INTERVAL_US, ERROR_BURST,
			      now)) {
		nhrp_count(t, NHRP_C_DROP_RATE);
		return;
	}
	if (nhrp_decode_quote(frame->data, frame->len, &quoted) ||
	    quoted.type == NHRP_ERROR_INDICATION)
		return;
	local = nhrp_local_for(t, &quoted.src_proto, quoted.proto_family);
	if (!local || !nhrp_own_nbma(t, family))
		return;
	nhrp_msg_init(&msg, NHRP_ERROR_INDICATION, family, quoted.proto_family);
	msg.error_code = code;
	msg.error_offset = offset;
	msg.src_nbma = *nhrp_own_nbma(t, family);
	msg.src_proto = local->addr;
	msg.dst_proto = quoted.src_proto;
	overhead = nhrp_encode(&msg, pkt, sizeof(pkt));
	if (overhead < 0)
		return;
	if (quote > ERROR_LEN_MAX - (size_t)overhead)
		quote = ERROR_LEN_MAX - (size_t)overhead;
	nhrp_msg_set_data(&msg, frame->data, quote);
	nhrp_msg_send(t, &msg, &frame->from, 0);
}

void nhrp_error_send(struct nhrp_rx *rx, enum nhrp_error code, u16 offset)
{
	if (rx->msg->type != NHRP_ERROR_INDICATION)
		nhrp_error_send_raw(rx->t, rx->frame, code, offset, rx->now);
}

static void hint(struct nhrp_rx *rx, const struct nhrp_msg *quoted,
		 struct nhrp_request *req)
{
	struct nhrp_resolution *r;
	u16 code = rx->msg->error_code;

	switch (req->kind) {
	case NHRP_REQ_REGISTRATION:
		nhrp_nhc_error(container_of(req, struct nhrp_reg, req), code,
			       rx->now);
		break;
	case NHRP_REQ_RESOLUTION:
		r = container_of(req, struct nhrp_resolution, req);
		/* Where all else is signed this must not end a question. */
		if (nhrp_auth_mode_at(rx->t, &r->hub) != NHRP_AUTH_HMAC &&
		    nhrp_addr_eq(&quoted->dst_proto, &r->target))
			nhrp_resolve_error(rx, r, code);
		break;
	case NHRP_REQ_PROBE:
	case NHRP_REQ_VERIFY:
	case NHRP_REQ_PURGE:
		break;
	}
}

void nhrp_error_rx(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_request *req;
	struct nhrp_msg quoted;
	struct nhrp_way way;
	const u8 *data;
	size_t len;

	if (!nhrp_is_local(t, &rx->msg->dst_proto)) {
		/* One that we sent and that comes back is dropped in silence. */
		if (!nhrp_domain_is_local(t, &rx->msg->src_proto) &&
		    nhrp_trusted_peer(t, &rx->frame->from) &&
		    nhrp_transit_next(rx, &rx->msg->dst_proto, &way))
			nhrp_transit_forward(rx, &way);
		else
			nhrp_count(t, NHRP_C_DROP_NOT_OURS);
		return;
	}
	/* All that we ask goes by a hub, and what it runs into comes back so. */
	if (!nhrp_hub_by_nbma(t, &rx->frame->from)) {
		nhrp_count(t, NHRP_C_DROP_NOT_HUB);
		return;
	}
	data = nhrp_msg_data(rx->msg, &len);
	if (nhrp_decode_quote(data, len, &quoted) ||
	    !nhrp_is_local(t, &quoted.src_proto)) {
		nhrp_count(t, NHRP_C_DROP_NO_REQUEST);
		return;
	}
	req = nhrp_request_find(t, quoted.request_id);
	if (!req) {
		nhrp_count(t, NHRP_C_DROP_NO_REQUEST);
		return;
	}
	while (req) {
		struct nhrp_request *next = nhrp_request_next(req);

		hint(rx, &quoted, req);
		req = next;
	}
}
