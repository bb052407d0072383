/* SPDX-License-Identifier: GPL-2.0 */
/* A connection of the IKE daemon, as it is told of it: from a section "ipsec" to a message */
#ifndef DVPND_IPSEC_CONN_H
#define DVPND_IPSEC_CONN_H

#include "dvpnd/config.h"
#include "vici/message.h"

#define IPSEC_CHILDREN_MAX	8
#define IPSEC_CONN_NAME_MAX	(CONFIG_PROFILE_MAX + 8)

/**
 * struct ipsec_wants - what the tunnels of a section need
 * @gre: packets of GRE.
 * @nr_ports: number of @ports.
 * @ports: UDP ports of ours, in host byte order, from the lowest.
 * @ip4: there are peers with an IPv4 address.
 * @ip6: there are some with an IPv6 address.
 * @nbma: our own addresses, of each family; in tunnel mode that is what selectors are of.
 */
struct ipsec_wants {
	bool gre;
	unsigned int nr_ports;
	u16 ports[IPSEC_CHILDREN_MAX];
	bool ip4;
	bool ip6;
	struct nhrp_addr nbma[2];
};

struct tunnel;

/* A tunnel has that section. */
void ipsec_wants_add(struct ipsec_wants *wants, const struct tunnel *t);

/* Is there something? */
bool ipsec_wants_any(const struct ipsec_wants *wants);

/**
 * ipsec_conn_parts() - how many connections a section is
 * @section: section.
 * @wants: what is to be protected; there is something.
 *
 * In transport mode one, and one for IPv6 beside that for IPv4; in tunnel mode one for each hub, or
 * on a hub one, which begins nothing.
 */
unsigned int ipsec_conn_parts(const struct config_ipsec *section, const struct ipsec_wants *wants);

/* Name of one of them, from 0. */
void ipsec_conn_name(const struct config_ipsec *section, unsigned int part, char *name);

/**
 * ipsec_conn_write() - the message of "load-conn"
 * @o: empty; the message.
 * @section: section.
 * @wants: what is to be protected.
 * @part: which connection.
 */
void ipsec_conn_write(struct vici_out *o, const struct config_ipsec *section,
		      const struct ipsec_wants *wants, unsigned int part);

/* What strongSwan still needs in a file of its own, as a swanctl.conf; to be freed. */
char *ipsec_conn_secrets(const struct config_ipsec *section);

/* The section that a connection of this name would be of, NULL: none. */
const struct config_ipsec *ipsec_conn_section(const struct config *cfg, const char *conn);

#endif /* DVPND_IPSEC_CONN_H */
