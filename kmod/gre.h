/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_GRE_H
#define DVPN_GRE_H

#include <linux/ip.h>
#include <linux/types.h>

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
/* Routing (RFC 1701), strict source route, recursion and version: a packet
 * with any of these is of another protocol than ours.
 */
#define DVPN_GRE_FOREIGN	cpu_to_be16(0x4c07)

#define DVPN_GRE_WORD		4	/* bytes of each optional field */
#define DVPN_GRE_MAX		(sizeof(struct dvpn_gre) + 3 * DVPN_GRE_WORD)

/* What we send at most: outer IPv4, GRE with checksum and key. */
#define DVPN_OVERHEAD4_MAX	(sizeof(struct iphdr) +			\
				 sizeof(struct dvpn_gre) + 2 * DVPN_GRE_WORD)

#endif /* DVPN_GRE_H */
