// SPDX-License-Identifier: GPL-2.0
/* Events of the data path for the agent. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

int dvpn_get_event(const struct nlattr **tb, struct dvpn_event_msg *event)
{
	memset(event, 0, sizeof(*event));
	if (!tb[DVPN_A_IFINDEX] || !tb[DVPN_A_EVENT])
		return -EBADMSG;
	event->type = dvpn_get_u8(tb[DVPN_A_EVENT]);
	event->ifindex = dvpn_get_u32(tb[DVPN_A_IFINDEX]);
	dvpn_get_name(tb[DVPN_A_IFNAME], event->ifname);
	dvpn_get_stamp(tb, &event->stamp);
	dvpn_get_sa(tb, &event->sa);
	event->inner_proto = dvpn_get_u16(tb[DVPN_A_INNER_PROTO]);
	event->inner_len = dvpn_get_u32(tb[DVPN_A_INNER_LEN]);
	if (tb[DVPN_A_EXCERPT]) {
		event->excerpt = dvpn_attr_data(tb[DVPN_A_EXCERPT]);
		event->excerpt_len = dvpn_attr_len(tb[DVPN_A_EXCERPT]);
	}
	event->reason = dvpn_get_u8(tb[DVPN_A_REASON]);
	event->error = dvpn_get_u32(tb[DVPN_A_ERRNO]);
	if (dvpn_get_addr(tb[DVPN_A_LOCAL4], tb[DVPN_A_LOCAL6], &event->local) ||
	    dvpn_get_addr(tb[DVPN_A_SRC4], tb[DVPN_A_SRC6], &event->src) ||
	    dvpn_get_addr(tb[DVPN_A_DST4], tb[DVPN_A_DST6], &event->dst))
		return -EBADMSG;
	return dvpn_get_map(tb, &event->map);
}
