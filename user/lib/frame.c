// SPDX-License-Identifier: GPL-2.0
/* NHRP packets to and from the agent. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

void dvpn_put_frame(struct dvpn_build *b, const struct dvpn_frame *frame)
{
	if (!frame->len || frame->len > DVPN_FRAME_MAX)
		dvpn_build_fail(b, -EINVAL);
	dvpn_put_peer_key(b, &frame->peer);
	if (frame->local.family)
		dvpn_put_addr(b, DVPN_A_LOCAL4, DVPN_A_LOCAL6, &frame->local);
	dvpn_put(b, DVPN_A_FRAME, frame->data, frame->len);
}

int dvpn_get_frame(const struct nlattr **tb, struct dvpn_frame *frame)
{
	memset(frame, 0, sizeof(*frame));
	if (!tb[DVPN_A_IFINDEX] || !tb[DVPN_A_FRAME] || !dvpn_attr_len(tb[DVPN_A_FRAME]))
		return -EBADMSG;
	frame->ifindex = dvpn_get_u32(tb[DVPN_A_IFINDEX]);
	frame->link_ifindex = dvpn_get_u32(tb[DVPN_A_LINK_IFINDEX]);
	frame->peer_id = dvpn_get_u32(tb[DVPN_A_PEER_ID]);
	dvpn_get_sa(tb, &frame->sa);
	dvpn_get_stamp(tb, &frame->stamp);
	frame->data = dvpn_attr_data(tb[DVPN_A_FRAME]);
	frame->len = dvpn_attr_len(tb[DVPN_A_FRAME]);
	if (dvpn_get_peer_key(tb, &frame->peer) || !frame->peer.nbma.family)
		return -EBADMSG;
	return dvpn_get_addr(tb[DVPN_A_LOCAL4], tb[DVPN_A_LOCAL6], &frame->local);
}

int dvpn_frame_send(struct dvpn_chan *c, const struct dvpn_frame *frame, dvpn_ack_fn fn, void *ctx)
{
	struct dvpn_build b;

	dvpn_chan_start(c, &b, DVPN_CMD_FRAME, 0, frame->ifindex, DVPN_ENTRY_ROOM + frame->len);
	dvpn_put_frame(&b, frame);
	return dvpn_chan_queue(c, &b, fn, ctx);
}
