// SPDX-License-Identifier: GPL-2.0
/* Security associations that the IKE daemon knows nothing of: see orphans.h */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "dvpnd/orphans.h"
#include "dvpnd/xfrm.h"

#define ROOM_FIRST	16

/**
 * struct search - what is looked for
 * @o: where it goes.
 * @ports: own ports of tunnels, 0: GRE.
 * @nr_ports: number of @ports.
 * @room: of the list.
 * @err: what went wrong.
 */
struct search {
	struct orphans *o;
	const u16 *ports;
	unsigned int nr_ports;
	size_t room;
	int err;
};

/* ----- policies ----- */

static bool is_for(const struct xfrm_selector *sel, u16 port)
{
	if (!port)
		return sel->proto == IPPROTO_GRE;
	return sel->proto == IPPROTO_UDP && sel->sport == htons(port);
}

static bool has_reqid(const struct orphans *o, u32 reqid)
{
	unsigned int i;

	for (i = 0; i < o->nr_reqids; i++)
		if (o->reqids[i] == reqid)
			return true;
	return false;
}

static int on_policy(struct nl_msg *msg, void *ctx)
{
	const struct xfrm_userpolicy_info *policy;
	const struct xfrm_user_tmpl *tmpl;
	struct search *s = ctx;
	struct nlattr *attr;
	unsigned int i;

	if (nlmsg_hdr(msg)->nlmsg_type != XFRM_MSG_NEWPOLICY ||
	    !nlmsg_valid_hdr(nlmsg_hdr(msg), sizeof(*policy)))
		return NL_OK;
	policy = nlmsg_data(nlmsg_hdr(msg));
	attr = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*policy), XFRMA_TMPL);
	if (policy->dir != XFRM_POLICY_OUT || !attr || nla_len(attr) < (int)sizeof(*tmpl))
		return NL_OK;
	tmpl = nla_data(attr);
	for (i = 0; i < s->nr_ports; i++)
		if (is_for(&policy->sel, s->ports[i]) && tmpl->reqid &&
		    s->o->nr_reqids < ORPHAN_REQIDS_MAX && !has_reqid(s->o, tmpl->reqid))
			s->o->reqids[s->o->nr_reqids++] = tmpl->reqid;
	return NL_OK;
}

/* ----- states ----- */

static bool has_lifetime(const struct xfrm_usersa_info *state)
{
	return state->lft.hard_add_expires_seconds &&
	       state->lft.hard_add_expires_seconds != XFRM_INF;
}

/* Return: 0 or -ENOMEM. */
static int add(struct search *s, const struct xfrm_usersa_info *state)
{
	struct orphans *o = s->o;
	struct orphan *list;

	if (o->nr == s->room) {
		s->room = s->room ? 2 * s->room : ROOM_FIRST;
		list = realloc(o->list, s->room * sizeof(*list));
		if (!list)
			return -ENOMEM;
		o->list = list;
	}
	memset(&o->list[o->nr], 0, sizeof(*list));
	nhrp_addr_set(&o->list[o->nr].src, state->family, &state->saddr);
	nhrp_addr_set(&o->list[o->nr].dst, state->family, &state->id.daddr);
	o->list[o->nr].spi = ntohl(state->id.spi);
	o->list[o->nr].reqid = state->reqid;
	o->nr++;
	return 0;
}

static int on_state(struct nl_msg *msg, void *ctx)
{
	const struct xfrm_usersa_info *state = xfrm_state_in(msg);
	struct search *s = ctx;

	if (!s->err && state && state->id.proto == IPPROTO_ESP && state->id.spi &&
	    state->mode == XFRM_MODE_TRANSPORT && has_lifetime(state) &&
	    has_reqid(s->o, state->reqid) && xfrm_has_keys(msg))
		s->err = add(s, state);
	return NL_OK;
}

static int compare(const void *a, const void *b)
{
	u32 left = ((const struct orphan *)a)->spi, right = ((const struct orphan *)b)->spi;

	return left < right ? -1 : left > right;
}

int orphans_find(struct orphans *o, const u16 *ports, unsigned int nr)
{
	struct search s = { .o = o, .ports = ports, .nr_ports = nr };
	struct nl_sock *nl = xfrm_open();
	int err;

	orphans_forget(o);
	if (!nl)
		return -EIO;
	err = xfrm_ask(nl, nlmsg_alloc_simple(XFRM_MSG_GETPOLICY, NLM_F_DUMP), on_policy, &s);
	if (!err && o->nr_reqids)
		err = xfrm_ask(nl, nlmsg_alloc_simple(XFRM_MSG_GETSA, NLM_F_DUMP), on_state, &s);
	nl_socket_free(nl);
	if (!err)
		err = s.err;
	if (err)
		orphans_forget(o);
	else if (o->nr)
		qsort(o->list, o->nr, sizeof(*o->list), compare);
	return err;
}

/* ----- whose they are ----- */

static void know(struct orphans *o, u32 spi)
{
	const struct orphan wanted = { .spi = spi };
	struct orphan *found, *i;

	found = o->nr ? bsearch(&wanted, o->list, o->nr, sizeof(wanted), compare) : NULL;
	if (!found)
		return;
	/* Both sides may have chosen the same. */
	for (i = found; i >= o->list && i->spi == spi; i--)
		i->known = true;
	for (i = found; i < o->list + o->nr && i->spi == spi; i++)
		i->known = true;
}

void orphans_known(struct orphans *o, u32 spi_in, u32 spi_out)
{
	know(o, spi_in);
	know(o, spi_out);
}

void orphans_left(struct orphans *o, u64 now_ms)
{
	size_t i, left = 0;

	for (i = 0; i < o->nr && left < ORPHANS_MAX; i++) {
		if (!o->list[i].known) {
			o->list[left] = o->list[i];
			o->list[left++].wanted_ms = now_ms;
		}
	}
	o->nr = left;
	o->left = left;
	if (!left)
		orphans_forget(o);
}

/* ----- what becomes of them ----- */

static struct xfrm_selector selector(const struct orphan *orphan, u16 port, u16 own_port)
{
	struct xfrm_selector sel = {
		.daddr = xfrm_address(&orphan->dst),
		.saddr = xfrm_address(&orphan->src),
		.family = orphan->dst.family,
		.prefixlen_d = nhrp_addr_bits(&orphan->dst),
		.prefixlen_s = nhrp_addr_bits(&orphan->src),
		.proto = own_port ? IPPROTO_UDP : IPPROTO_GRE,
	};

	if (own_port) {
		sel.sport = htons(own_port);
		sel.sport_mask = UINT16_MAX;
	}
	if (port) {
		sel.dport = htons(port);
		sel.dport_mask = UINT16_MAX;
	}
	return sel;
}

/* What the kernel would tell those who listen if a packet had asked for it. */
static bool acquire(const struct orphan *orphan, const struct xfrm_selector *sel)
{
	const struct xfrm_user_tmpl tmpl = {
		.id.proto = IPPROTO_ESP,
		.family = sel->family,
		.saddr = sel->saddr,
		.reqid = orphan->reqid,
		.mode = XFRM_MODE_TRANSPORT,
		.aalgos = UINT32_MAX,
		.ealgos = UINT32_MAX,
		.calgos = UINT32_MAX,
	};
	struct xfrm_user_acquire ask = {
		.id = { .daddr = sel->daddr, .proto = IPPROTO_ESP },
		.saddr = sel->saddr,
		.sel = *sel,
		.policy = {
			.sel = *sel,
			.lft = { XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF, 0, 0, 0, 0 },
			.dir = XFRM_POLICY_OUT,
			.action = XFRM_POLICY_ALLOW,
			.share = XFRM_SHARE_ANY,
		},
		.aalgos = UINT32_MAX,
		.ealgos = UINT32_MAX,
		.calgos = UINT32_MAX,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(XFRM_MSG_ACQUIRE, NLM_F_ACK);

	if (!msg)
		return false;
	if (nlmsg_append(msg, &ask, sizeof(ask), NLMSG_ALIGNTO) ||
	    nla_put(msg, XFRMA_TMPL, sizeof(tmpl), &tmpl)) {
		nlmsg_free(msg);
		return false;
	}
	return !xfrm_tell(msg);
}

static bool is_with(const struct orphan *orphan, const struct nhrp_addr *nbma)
{
	return nhrp_addr_eq(&orphan->src, nbma) || nhrp_addr_eq(&orphan->dst, nbma);
}

bool orphans_ask(struct orphans *o, const struct nhrp_addr *nbma, u16 port, u16 own_port,
		 u64 now_ms)
{
	const struct orphan *to = NULL;
	struct xfrm_selector sel;
	size_t i;

	if (!o->left)
		return false;
	for (i = 0; i < o->nr; i++) {
		if (!is_with(&o->list[i], nbma))
			continue;
		o->list[i].wanted_ms = now_ms;
		if (nhrp_addr_eq(&o->list[i].dst, nbma) && !o->list[i].over_ms)
			to = &o->list[i];
	}
	if (!to)
		return false;
	sel = selector(to, port, own_port);
	return acquire(to, &sel);
}

bool orphans_carry(const struct orphans *o, const struct nhrp_addr *nbma)
{
	size_t i;

	for (i = 0; i < o->nr; i++)
		if (nhrp_addr_eq(&o->list[i].dst, nbma) && !o->list[i].over_ms)
			return true;
	return false;
}

void orphans_over(struct orphans *o, const struct nhrp_addr *nbma, u64 now_ms)
{
	size_t i;

	for (i = 0; i < o->nr; i++)
		if (is_with(&o->list[i], nbma) && !o->list[i].over_ms)
			o->list[i].over_ms = now_ms;
}

static bool is_needed(const struct orphan *orphan, u64 now_ms)
{
	if (orphan->over_ms)
		return now_ms - orphan->over_ms < ORPHAN_OVER_MS;
	return now_ms - orphan->wanted_ms < ORPHAN_UNWANTED_MS;
}

static void end(struct nl_sock *nl, const struct orphan *orphan)
{
	const struct xfrm_usersa_id id = {
		.daddr = xfrm_address(&orphan->dst),
		.spi = htonl(orphan->spi),
		.family = orphan->dst.family,
		.proto = IPPROTO_ESP,
	};

	xfrm_end_state(nl, &id);
}

void orphans_end(struct orphans *o, u64 now_ms)
{
	struct nl_sock *nl = o->left ? xfrm_open() : NULL;
	size_t i, left = 0;

	if (!nl)
		return;
	for (i = 0; i < o->nr; i++) {
		if (is_needed(&o->list[i], now_ms))
			o->list[left++] = o->list[i];
		else
			end(nl, &o->list[i]);
	}
	nl_socket_free(nl);
	o->nr = left;
	if (!left)
		orphans_forget(o);
}

void orphans_forget(struct orphans *o)
{
	free(o->list);
	memset(o, 0, sizeof(*o));
}
