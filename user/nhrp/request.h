/* SPDX-License-Identifier: GPL-2.0 */
/* What waits for a reply, by request id. */
#ifndef NHRP_REQUEST_H
#define NHRP_REQUEST_H

#include "nhrp/table.h"
#include "nhrp/types.h"

struct nhrp_tunnel;

/**
 * enum nhrp_request_kind - what waits for a reply
 */
enum nhrp_request_kind {
	NHRP_REQ_REGISTRATION,
	NHRP_REQ_RESOLUTION,
	NHRP_REQ_PROBE,
	NHRP_REQ_VERIFY,
	NHRP_REQ_PURGE,
};

/**
 * struct nhrp_request - an outstanding request, embedded in its owner
 * @node: in nhrp_tunnel.requests
 * @id: request id, 0: none outstanding
 * @kind: what it is embedded in
 */
struct nhrp_request {
	struct nhrp_node node;
	u32 id;
	enum nhrp_request_kind kind;
};

void nhrp_request_new(struct nhrp_tunnel *t, struct nhrp_request *req,
		      enum nhrp_request_kind kind);
int nhrp_request_use(struct nhrp_tunnel *t, struct nhrp_request *req,
		     enum nhrp_request_kind kind, u32 id);
void nhrp_request_done(struct nhrp_tunnel *t, struct nhrp_request *req);
struct nhrp_request *nhrp_request_find(struct nhrp_tunnel *t, u32 id);
struct nhrp_request *nhrp_request_next(struct nhrp_request *req);

#endif
