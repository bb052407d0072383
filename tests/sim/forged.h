/* SPDX-License-Identifier: GPL-2.0 */
/* Messages that no node of the simulator would send, and what is answered to them. */
#ifndef SIM_FORGED_H
#define SIM_FORGED_H

#include "nhrp/packet.h"
#include "sim.h"

/**
 * struct forged_watch - messages on the wire that a test waits for
 * @to: NBMA address that they go to
 * @type: their &enum nhrp_type
 * @about: their source protocol address; none: any
 * @id: their request id; 0: any
 * @lose: they do not arrive
 * @each: called for each of them, or NULL
 * @nr: how many there were
 * @last: the last one
 */
struct forged_watch {
	struct nhrp_addr to;
	u8 type;
	struct nhrp_addr about;
	u32 id;
	bool lose;
	void (*each)(struct sim *sim);
	unsigned int nr;
	struct nhrp_msg last;
};

extern struct forged_watch forged_watch;

/* Watch for messages of @type that go to @to, and for no others any more. */
void forged_watch_for(struct sim *sim, const char *to, enum nhrp_type type);

/* A request as @src with NBMA address @nbma sends it, without extensions. */
void forged_bare(struct nhrp_msg *msg, enum nhrp_type type, const char *nbma,
		 const char *src, const char *dst);

/* A request as @src with NBMA address @nbma sends it, with one CIE for a host. */
void forged_request(struct nhrp_msg *msg, enum nhrp_type type, const char *nbma,
		    const char *src, const char *dst);

/* @msg arrives at @to, from the NBMA address @from. */
void forged_send(struct sim_node *to, const char *from, const struct nhrp_msg *msg);

/* The same for an Error Indication about the last message that was watched for. */
void forged_error(struct sim_node *to, const char *from, enum nhrp_error code);

#endif
