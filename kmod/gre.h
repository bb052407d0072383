/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_GRE_H
#define DVPN_GRE_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/socket.h>
#include <linux/types.h>
#include <linux/udp.h>

/**
 * struct dvpn_gre - the fixed part of a GRE header (RFC 2784, 2890)
 * @flags: DVPN_GRE_*
 * @proto: Ethernet protocol type of what is inside
 */
struct dvpn_gre {
	__be16 flags;
	__be16 proto;
};

#define DVPN_GRE_CSUM		cpu_to_be16(0x8000)
#define DVPN_GRE_KEY		cpu_to_be16(0x2000)
#define DVPN_GRE_SEQ		cpu_to_be16(0x1000)
/* Each of these has a word of its own in the header. */
#define DVPN_GRE_WORDS		(DVPN_GRE_CSUM | DVPN_GRE_KEY | DVPN_GRE_SEQ)
/* Routing (RFC 1701), strict source route, recursion and version: a packet
 * with any of these is of another protocol than ours.
 */
#define DVPN_GRE_FOREIGN	cpu_to_be16(0x4c07)

#define DVPN_GRE_WORD		4	/* bytes of each optional field */
#define DVPN_GRE_MAX		(sizeof(struct dvpn_gre) + 3 * DVPN_GRE_WORD)

/* What we send at most between outer IP header and inner packet: UDP, GRE with
 * checksum and key.
 */
#define DVPN_HLEN_MAX		(sizeof(struct udphdr) +		\
				 sizeof(struct dvpn_gre) + 2 * DVPN_GRE_WORD)
#define DVPN_OVERHEAD4_MAX	(sizeof(struct iphdr) + DVPN_HLEN_MAX)
#define DVPN_OVERHEAD6_MAX	(sizeof(struct ipv6hdr) + DVPN_HLEN_MAX)

/* Source ports of a peer with SPORT_FLOW (RFC 8086, section 3.2.1). */
#define DVPN_SPORT_MIN		49152
#define DVPN_SPORT_MAX		65535

/* Bytes of the outer IP header that we send. */
static inline unsigned int dvpn_ip_hlen(u8 family)
{
	return family == AF_INET6 ? sizeof(struct ipv6hdr) :
				    sizeof(struct iphdr);
}

#endif /* DVPN_GRE_H */
