// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "forged.h"
#include "test.h"

struct forged_watch forged_watch;

static bool watch(struct sim *sim, const struct sim_packet *p)
{
	struct forged_watch *w = &forged_watch;
	struct nhrp_msg msg;

	if (!p->frame || !nhrp_addr_eq(&p->to, &w->to) ||
	    nhrp_decode(p->data, p->len, &msg, NULL) || msg.type != w->type ||
	    (w->id && msg.request_id != w->id) ||
	    (w->about.len && !nhrp_addr_eq(&msg.src_proto, &w->about)))
		return false;
	w->nr++;
	w->last = msg;
	if (w->each)
		w->each(sim);
	return w->lose;
}

void forged_watch_for(struct sim *sim, const char *to, enum nhrp_type type)
{
	memset(&forged_watch, 0, sizeof(forged_watch));
	forged_watch.to = sim_addr(to);
	forged_watch.type = type;
	sim->drop = watch;
}

void forged_bare(struct nhrp_msg *msg, enum nhrp_type type, const char *nbma,
		 const char *src, const char *dst)
{
	struct nhrp_cie *cie;

	nhrp_msg_init(msg, type, AF_INET, AF_INET);
	msg->src_nbma = sim_addr(nbma);
	msg->src_proto = sim_addr(src);
	msg->dst_proto = sim_addr(dst);
	msg->request_id = 4711;
	cie = nhrp_cie_list_add(&msg->cies);
	cie->prefix_len = NHRP_PREFIX_HOST;
	cie->holding_time = 600;
}

void forged_request(struct nhrp_msg *msg, enum nhrp_type type, const char *nbma,
		    const char *src, const char *dst)
{
	forged_bare(msg, type, nbma, src, dst);
	nhrp_msg_add_ext_cies(msg, NHRP_EXT_FORWARD_TRANSIT);
	nhrp_msg_add_ext_cies(msg, NHRP_EXT_REVERSE_TRANSIT);
	nhrp_msg_add_ext_cies(msg, NHRP_EXT_RESPONDER);
}

void forged_send(struct sim_node *to, const char *from, const struct nhrp_msg *msg)
{
	u8 pkt[NHRP_PKT_MAX];
	int len = nhrp_encode(msg, pkt, sizeof(pkt));

	assert_true(len > 0);
	sim_forge(to, from, pkt, len);
}

void forged_error(struct sim_node *to, const char *from, enum nhrp_error code)
{
	const struct nhrp_msg *about = &forged_watch.last;
	struct nhrp_msg msg;
	u8 pkt[NHRP_PKT_MAX];
	int len = nhrp_encode(about, pkt, sizeof(pkt));

	assert_true(len > 0);
	nhrp_msg_init(&msg, NHRP_ERROR_INDICATION, AF_INET, AF_INET);
	msg.error_code = code;
	msg.src_nbma = sim_addr(from);
	msg.src_proto = about->dst_proto;
	msg.dst_proto = about->src_proto;
	assert_int_equal(nhrp_msg_set_data(&msg, pkt, len), 0);
	forged_send(to, from, &msg);
}
