/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages for people: what one says, and what was done with it
 *
 * Secrets are never told: of an authentication its kind and the id of the key, and of
 * a password nothing.
 */
#ifndef NHRP_DESCRIBE_H
#define NHRP_DESCRIBE_H

#include <stddef.h>

#include "nhrp/core.h"

/* Bytes of a line, with its NUL. */
#define NHRP_LINE_MAX	256

/**
 * enum nhrp_verdict - what was done with a message
 * @NHRP_VERDICT_NONE: it has come in, and nothing is decided yet.
 * @NHRP_VERDICT_SENT: it is ours, or somebody else's that we pass on.
 * @NHRP_VERDICT_TAKEN: there was nothing wrong with it.
 * @NHRP_VERDICT_ANSWERED: it was taken, and a reply was sent.
 * @NHRP_VERDICT_FORWARDED: it is for somebody else, and was passed on.
 * @NHRP_VERDICT_REFUSED: it was ignored, or answered with a refusal.
 */
enum nhrp_verdict {
	NHRP_VERDICT_NONE,
	NHRP_VERDICT_SENT,
	NHRP_VERDICT_TAKEN,
	NHRP_VERDICT_ANSWERED,
	NHRP_VERDICT_FORWARDED,
	NHRP_VERDICT_REFUSED,
};

/**
 * struct nhrp_trace - a message that came in or went out
 * @verdict: what was done with it.
 * @reason: NHRP_C_DROP_* why it was refused, or NHRP_C_NONE: the reply says why.
 * @peer: locator that it came from or goes to.
 * @pkt: the packet as it is on the wire; hostile if it came in.
 * @len: octets at @pkt.
 */
struct nhrp_trace {
	enum nhrp_verdict verdict;
	enum nhrp_counter reason;
	const struct nhrp_peer_key *peer;
	const void *pkt;
	size_t len;
};

typedef void (*nhrp_line_fn)(void *arg, const char *line);

/**
 * nhrp_describe() - tell what a packet says, in lines
 * @pkt: an NHRP packet, or anything else.
 * @len: octets at @pkt.
 * @fn: called for each line, of printable ASCII without an end of line; the first is
 *	about the whole packet.
 * @arg: for @fn.
 */
void nhrp_describe(const void *pkt, size_t len, nhrp_line_fn fn, void *arg);

/**
 * nhrp_concerns() - is a packet about a protocol address?
 * @pkt: an NHRP packet, or anything else.
 * @len: octets at @pkt.
 * @addr: the address.
 *
 * Return: true if it is source or destination of the message or of the packet that it
 * quotes, or in what one of its entries speaks for.
 */
bool nhrp_concerns(const void *pkt, size_t len, const struct nhrp_addr *addr);

/* As in "dvpnctl trace"; never NULL. */
const char *nhrp_verdict_name(enum nhrp_verdict v);

#endif
