/* SPDX-License-Identifier: GPL-2.0 */
/* What is told to people and logs, and what is counted */
#ifndef NHRP_NOTICE_H
#define NHRP_NOTICE_H

#include "nhrp/map.h"

/**
 * enum nhrp_severity - of a notice, values of syslog
 */
enum nhrp_severity {
	NHRP_ERR	= 3,
	NHRP_WARNING	= 4,
	NHRP_NOTICE	= 5,
	NHRP_INFO	= 6,
	NHRP_DEBUG	= 7,
};

/*
 * Stable ids of what is worth telling: enumerator, name in logs and in
 * "dvpnctl monitor".
 */
#define NHRP_EVENTS(X) \
	X(NHS_UP,		"nhs-up") \
	X(NHS_DOWN,		"nhs-down") \
	X(NHS_REFUSED,		"nhs-refused") \
	X(NHS_LEFT,		"nhs-left") \
	X(NHS_ACTIVE,		"nhs-active") \
	X(NHS_STANDBY,		"nhs-standby") \
	X(NHS_MOVED,		"nhs-moved") \
	X(NBMA_LEARNED,		"nbma-learned") \
	X(SPOKE_UP,		"spoke-up") \
	X(SPOKE_DOWN,		"spoke-down") \
	X(SPOKE_MOVED,		"spoke-moved") \
	X(SPOKE_REFUSED,	"spoke-refused") \
	X(LONG_HOLDING_TIME,	"long-holding-time") \
	X(CONFLICT,		"conflict") \
	X(RESOLVING,		"resolving") \
	X(RESOLVE_FAILED,	"resolve-failed") \
	X(SHORTCUT_UP,		"shortcut-up") \
	X(SHORTCUT_DOWN,	"shortcut-down") \
	X(SHORTCUT_PROBATION,	"shortcut-probation") \
	X(PEER_DEAD,		"peer-dead") \
	X(PURGED,		"purged") \
	X(REDIRECT,		"redirect") \
	X(HINT,			"hint") \
	X(ADOPTED,		"adopted") \
	X(REFUSED,		"refused")

/**
 * enum nhrp_event - stable id of a notice
 */
enum nhrp_event {
#define X(id, name) NHRP_EVENT_##id,
	NHRP_EVENTS(X)
#undef X
	NHRP_EVENT_MAX,
};

/*
 * Counters of a tunnel: enumerator, name, reason. First what was done, then,
 * from DROP_ on, one for every reason to refuse or to ignore something, which
 * then has words for people.
 */
#define NHRP_COUNTERS(X) \
	X(RX,				"rx-frames", NULL) \
	X(TX,				"tx-frames", NULL) \
	X(TX_NO_SA,			"tx-no-sa", NULL) \
	X(TX_FAILED,			"tx-failed", NULL) \
	X(RX_REGISTRATION_REQUEST,	"rx-registration-request", NULL) \
	X(RX_REGISTRATION_REPLY,	"rx-registration-reply", NULL) \
	X(RX_RESOLUTION_REQUEST,	"rx-resolution-request", NULL) \
	X(RX_RESOLUTION_REPLY,		"rx-resolution-reply", NULL) \
	X(RX_PURGE_REQUEST,		"rx-purge-request", NULL) \
	X(RX_PURGE_REPLY,		"rx-purge-reply", NULL) \
	X(RX_ERROR,			"rx-error", NULL) \
	X(RX_INDICATION,		"rx-traffic-indication", NULL) \
	X(TX_REGISTRATION_REQUEST,	"tx-registration-request", NULL) \
	X(TX_REGISTRATION_REPLY,	"tx-registration-reply", NULL) \
	X(TX_RESOLUTION_REQUEST,	"tx-resolution-request", NULL) \
	X(TX_RESOLUTION_REPLY,		"tx-resolution-reply", NULL) \
	X(TX_PURGE_REQUEST,		"tx-purge-request", NULL) \
	X(TX_PURGE_REPLY,		"tx-purge-reply", NULL) \
	X(TX_ERROR,			"tx-error", NULL) \
	X(TX_INDICATION,		"tx-traffic-indication", NULL) \
	X(TX_HINT,			"tx-hint", NULL) \
	X(FORWARDED,			"forwarded", NULL) \
	X(MISS,				"miss", NULL) \
	X(REDIRECT,			"redirect", NULL) \
	X(UNKNOWN_PEER,			"unknown-peer", NULL) \
	X(NAK_SENT,			"nak-sent", NULL) \
	X(NAK_RECEIVED,			"nak-received", NULL) \
	X(REGISTRATION_TIMEOUT,		"registration-timeout", NULL) \
	X(RESOLUTION_TIMEOUT,		"resolution-timeout", NULL) \
	X(PROBE_SENT,			"probe-sent", NULL) \
	X(PROBE_TIMEOUT,		"probe-timeout", NULL) \
	X(PEER_DEAD,			"peer-dead", NULL) \
	X(PURGE_UNANSWERED,		"purge-unanswered", NULL) \
	X(BINDING_MOVED,		"binding-moved", NULL) \
	X(BINDING_RESTORED,		"binding-restored", NULL) \
	X(DROP_TRUNCATED,		"drop-truncated", \
	  "the packet ends too early") \
	X(DROP_CHECKSUM,		"drop-checksum", \
	  "wrong checksum") \
	X(DROP_MALFORMED,		"drop-malformed", \
	  "lengths or fields contradict each other") \
	X(DROP_TOO_LONG,		"drop-too-long", \
	  "more than can be handled") \
	X(DROP_FAMILY,			"drop-address-family", \
	  "an address family that is not served") \
	X(DROP_AUTH,			"drop-authentication", \
	  "authentication is missing or wrong") \
	X(DROP_KEY,			"drop-unknown-key", \
	  "signed with a key that is not configured here") \
	X(DROP_IDENTITY,		"drop-identity", \
	  "the key that it is signed with does not prove who it speaks for") \
	X(DROP_SA,			"drop-unknown-sa", \
	  "strongSwan has not told yet who is at the other end of its security association") \
	X(DROP_IKE,			"drop-ike-identity", \
	  "IKE has proved another identity than the one that it is signed by") \
	X(DROP_IKE_OWNER,		"drop-ike-owner", \
	  "registered by an IKE identity that it has not got") \
	X(DROP_WEAKER,			"drop-weaker", \
	  "its authentication is weaker than that of whom it is for or speaks for") \
	X(DROP_REPLAY,			"drop-replayed", \
	  "sent before, or older than what came since") \
	X(DROP_RATE,			"drop-rate-limit", \
	  "more than the rate limit allows") \
	X(DROP_OLDEST,			"drop-oldest", \
	  "more came than there is time for") \
	X(DROP_ROLE,			"drop-not-our-role", \
	  "a message for a role that this node does not have") \
	X(DROP_NOT_HUB,			"drop-not-from-hub", \
	  "only a hub may send that") \
	X(DROP_UNREGISTERED,		"drop-unregistered", \
	  "the sender is not registered") \
	X(DROP_NO_REQUEST,		"drop-no-such-request", \
	  "a reply to what was never asked") \
	X(DROP_NOT_OWNER,		"drop-not-owner", \
	  "the sender does not own what it speaks for") \
	X(DROP_CLAIM,			"drop-claim-unverified", \
	  "a claim that is not verified yet") \
	X(DROP_CLAIM_MISMATCH,		"drop-claim-mismatch", \
	  "the reply comes from somebody else than it claims") \
	X(DROP_POLICY_SUBNET,		"drop-policy-subnet", \
	  "not an address of the tunnel's network") \
	X(DROP_POLICY_OWN,		"drop-policy-own-address", \
	  "our own address") \
	X(DROP_POLICY_HUB,		"drop-policy-hub-address", \
	  "the address of a hub") \
	X(DROP_POLICY_STATIC,		"drop-policy-static", \
	  "an address that is mapped by hand") \
	X(DROP_POLICY_NBMA,		"drop-policy-nbma", \
	  "a public address that cannot be a peer's") \
	X(DROP_POLICY_PREFIX,		"drop-policy-prefix", \
	  "the prefix covers an address of our own or of a hub") \
	X(DROP_POLICY_CLAIM,		"drop-policy-claim", \
	  "an address that this identity may not claim") \
	X(DROP_POLICY_IDENTITY,		"drop-policy-identity", \
	  "signed by no identity, nor one by IKE, and only identities may register") \
	X(DROP_POLICY_QUOTA,		"drop-policy-quota", \
	  "this identity has as many addresses or senders as it may have") \
	X(DROP_POLICY_ANSWER,		"drop-policy-answer", \
	  "an address that this identity may not be the way to") \
	X(DROP_CONFLICT,		"drop-conflict", \
	  "registered by another node") \
	X(DROP_UNIQUE,			"drop-unique", \
	  "registered as unique by another node") \
	X(DROP_VERIFYING,		"drop-verifying", \
	  "the present owner is being asked first") \
	X(DROP_TABLE_FULL,		"drop-table-full", \
	  "the table is full") \
	X(DROP_QUEUE_FULL,		"drop-queue-full", \
	  "the queue is full") \
	X(DROP_KNOWN,			"drop-already-known", \
	  "known already") \
	X(DROP_NEGATIVE,		"drop-negative-cache", \
	  "asked a moment ago, and nobody knew") \
	X(DROP_NO_ROUTE,		"drop-no-route", \
	  "no route into the tunnel covers the destination") \
	X(DROP_NOT_OURS,		"drop-not-ours", \
	  "neither ours nor registered with us, or signed for another node") \
	X(DROP_LOOP,			"drop-loop", \
	  "the message went in a circle") \
	X(DROP_HOP_COUNT,		"drop-hop-count", \
	  "the message went over too many hops") \
	X(DROP_EXTENSION,		"drop-unknown-extension", \
	  "an extension that must be understood and is not") \
	X(DROP_COOKIE,			"drop-bad-cookie", \
	  "kernel state that this agent did not write") \
	X(DROP_PHASE,			"drop-phase", \
	  "not in the tunnel's phase") \
	X(DROP_NOMEM,			"drop-no-memory", \
	  "out of memory")

/**
 * enum nhrp_counter - counters of a tunnel and reason codes of refusals
 */
enum nhrp_counter {
#define X(id, name, words) NHRP_C_##id,
	NHRP_COUNTERS(X)
#undef X
	NHRP_C_MAX,
};

#define NHRP_C_NONE NHRP_C_MAX	/* reason: none */

/**
 * struct nhrp_notice - something happened that a person or a log may want
 * @event: stable id.
 * @severity: enum nhrp_severity.
 * @reason: NHRP_C_DROP_* that explains it, or NHRP_C_NONE.
 * @addr: protocol address or prefix it is about; family 0 if none.
 * @peer: locator it is about, or NULL.
 * @text: one line in words, without event name and tunnel name.
 */
struct nhrp_notice {
	enum nhrp_event event;
	enum nhrp_severity severity;
	enum nhrp_counter reason;
	struct nhrp_prefix addr;
	const struct nhrp_peer_key *peer;
	const char *text;
};

/* Names for people and JSON; never NULL. */
const char *nhrp_counter_name(enum nhrp_counter c);
/* Why something is refused or ignored, as part of a sentence; never NULL. */
const char *nhrp_counter_words(enum nhrp_counter c);
const char *nhrp_event_name(enum nhrp_event e);

#endif /* NHRP_NOTICE_H */
