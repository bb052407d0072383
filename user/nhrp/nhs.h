/* SPDX-License-Identifier: GPL-2.0 */
/* Registrations of others with us, and claims to what is registered already. */
#ifndef NHRP_NHS_H
#define NHRP_NHS_H

#include "nhrp/core.h"
#include "nhrp/message.h"
#include "nhrp/request.h"
#include "nhrp/timer.h"

struct nhrp_binding;

/**
 * enum nhrp_decision - what nhs.c may do with a claim from another locator
 */
enum nhrp_decision {
	NHRP_DECIDE_ASK,
	NHRP_DECIDE_MOVE,
	NHRP_DECIDE_KEEP,
};

/**
 * struct nhrp_verify - the owner of a binding is asked whether it lives
 * @binding: what is claimed
 * @req: outstanding request to the owner
 * @timer: next request, or the decision
 * @tries: requests sent
 * @started_at: when
 * @frame: the registration request of who claims it, answered when it is decided; its bytes
 *	are @data
 * @data: copied
 */
struct nhrp_verify {
	struct nhrp_binding *binding;
	struct nhrp_request req;
	struct nhrp_timer timer;
	unsigned int tries;
	u64 started_at;
	struct nhrp_frame frame;
	u8 data[NHRP_CLAIM_MAX];
};

/* nhs.c */
void nhrp_nhs_request(struct nhrp_rx *rx);
void nhrp_nhs_decided(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
		      const struct nhrp_addr *proto, enum nhrp_decision d, u64 now);

/* verify.c */
void nhrp_verify_start(struct nhrp_binding *b, const struct nhrp_frame *frame,
		       u64 now);
void nhrp_verify_free(struct nhrp_binding *b);
void nhrp_verify_heard(struct nhrp_verify *v, u64 now);

#endif
