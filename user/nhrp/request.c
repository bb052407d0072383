// SPDX-License-Identifier: GPL-2.0
/*
 * Request ids and what waits for them
 *
 * Ids are never used twice, not even after a restart (RFC 2332 5.2.3): they
 * come in blocks from the environment, which remembers how far it got.
 */
#include "nhrp/internal.h"
#include "nhrp/request.h"

#define ID_BLOCK	100

static u64 id_hash(struct nhrp_tunnel *t, u32 id)
{
	/* Ids are ours and rise by one: any odd multiplier spreads them. */
	return (id ^ t->core->hash_key[0]) * 0x9e3779b97f4a7c15ull >> 20;
}

static u32 next_id(struct nhrp_core *core)
{
	if (!core->ids_left) {
		core->next_id = core->env.request_ids(core->env.ctx, ID_BLOCK);
		core->ids_left = ID_BLOCK;
	}
	core->ids_left--;
	if (!core->next_id)	/* 0 is the hint's, "no request" */
		core->next_id = 1;
	return core->next_id++;
}

int nhrp_request_use(struct nhrp_tunnel *t, struct nhrp_request *req,
		     enum nhrp_request_kind kind, u32 id)
{
	nhrp_request_done(t, req);
	req->kind = kind;
	req->id = id;
	return nhrp_table_add(&t->requests, &req->node, id_hash(t, id));
}

/* Without memory the request still goes out; its answer is just not found. */
void nhrp_request_new(struct nhrp_tunnel *t, struct nhrp_request *req,
		      enum nhrp_request_kind kind)
{
	nhrp_request_use(t, req, kind, next_id(t->core));
}

void nhrp_request_done(struct nhrp_tunnel *t, struct nhrp_request *req)
{
	nhrp_table_del(&t->requests, &req->node);
	req->id = 0;
}

struct nhrp_request *nhrp_request_find(struct nhrp_tunnel *t, u32 id)
{
	struct nhrp_node *n;

	if (!id)
		return NULL;
	for (n = nhrp_table_chain(&t->requests, id_hash(t, id)); n; n = n->chain) {
		struct nhrp_request *req = container_of(n, struct nhrp_request,
							node);

		if (req->id == id)
			return req;
	}
	return NULL;
}

/* A purge repeats the id of a registration: one id may wait twice. */
struct nhrp_request *nhrp_request_next(struct nhrp_request *req)
{
	struct nhrp_node *n;

	for (n = req->node.chain; n; n = n->chain) {
		struct nhrp_request *other = container_of(n, struct nhrp_request,
							  node);

		if (other->id == req->id)
			return other;
	}
	return NULL;
}
