// SPDX-License-Identifier: GPL-2.0
/*
 * What the counters of drops and refusals mean, in a few words
 *
 * The longer story, with what to do, is in Documentation/guide-operations.rst.
 */
#include <stddef.h>
#include <string.h>

#include "dvpnctl/drops.h"
#include "lib/dvpn.h"
#include "nhrp/core.h"

static const char *const texts[DVPN_DROP_MAX + 1] = {
	[DVPN_DROP_TX_NO_MAP] = "no mapping for the next hop, and no hub",
	[DVPN_DROP_TX_UNREACHABLE] = "next hop known as unreachable, and no hub",
	[DVPN_DROP_TX_QUEUE_FULL] = "waited for a resolution in vain",
	[DVPN_DROP_TX_PROTO] = "neither IPv4 nor IPv6",
	[DVPN_DROP_TX_MALFORMED] = "too short, or header fields do not fit",
	[DVPN_DROP_TX_NO_ROUTE] = "no route to the peer's NBMA address",
	[DVPN_DROP_TX_BAD_ROUTE] = "NBMA address is local, broadcast or multicast",
	[DVPN_DROP_TX_LOOP] = "route to the NBMA address leads into a tunnel",
	[DVPN_DROP_TX_NO_LINK] = "underlay interface is absent",
	[DVPN_DROP_TX_NO_SA] = "no security association yet",
	[DVPN_DROP_TX_POLICY] = "IPsec policy or \"ipsec require\" refuses it",
	[DVPN_DROP_TX_TOO_BIG] = "larger than the path MTU; sender was told",
	[DVPN_DROP_TX_NOMEM] = "no memory",
	[DVPN_DROP_TX_BACK] = "would go back to the peer it came from",
	[DVPN_DROP_TX_ICMP_REDIRECT] = "ICMP redirect of this host, senseless here",
	[DVPN_DROP_MCAST_NO_PEER] = "multicast, and no peer takes it",
	[DVPN_DROP_MCAST_QUEUE] = "multicast replication queue was full",
	[DVPN_DROP_RX_UNKNOWN_PEER] = "from no peer; GRE left to other owners, UDP dropped",
	[DVPN_DROP_RX_MALFORMED] = "GRE header, or what is inside, is broken",
	[DVPN_DROP_RX_CSUM] = "GRE checksum wrong, or UDP over IPv6 without one",
	[DVPN_DROP_RX_PROTO] = "inner protocol not carried",
	[DVPN_DROP_RX_ECN] = "ECN marking that must not be",
	[DVPN_DROP_RX_POLICY] = "IPsec policy or \"ipsec require\" refuses it",
	[DVPN_DROP_RX_DOWN] = "device is down",
	[DVPN_DROP_RX_NOMEM] = "no memory",
	[DVPN_DROP_FRAME_NO_AGENT] = "NHRP packet, and no agent is bound",
	[DVPN_DROP_FRAME_OVERRUN] = "NHRP packet, and the agent was too slow",
};

const char *drop_text(const char *name)
{
	int drop = dvpn_name_value(DVPN_NAMES_DROP, name);

	if (drop < 0 || drop > DVPN_DROP_MAX || !texts[drop])
		return "";
	return texts[drop];
}

const char *refusal_text(const char *name)
{
	unsigned int c;

	for (c = NHRP_C_DROP_TRUNCATED; c < NHRP_C_MAX; c++)
		if (!strcmp(name, nhrp_counter_name(c)))
			return nhrp_counter_words(c);
	return "";
}
