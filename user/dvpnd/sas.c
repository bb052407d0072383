// SPDX-License-Identifier: GPL-2.0
/* Security associations with peers: see sas.h */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "dvpnd/sas.h"

void sas_init(struct sas *sas)
{
	memset(sas, 0, sizeof(*sas));
	while (getrandom(sas->hash_key, sizeof(sas->hash_key), 0) != sizeof(sas->hash_key))
		;
}

/* strongSwan looks it up in /etc/services, too. 0: there is no such name. */
static u16 port_of(const struct vici_child *child)
{
	const struct servent *s = *child->service ? getservbyname(child->service, "udp") : NULL;

	return s ? ntohs(s->s_port) : child->port;
}

bool sas_read(struct sa *sa, const struct vici_ike *ike, const struct vici_child *child)
{
	/* In tunnel mode the peer is what is inside of it. */
	const struct vici_addr *nbma = child->is_tunnel ? &child->remote : &ike->remote;

	memset(sa, 0, sizeof(*sa));
	nhrp_addr_set(&sa->nbma, nbma->family, nbma->bytes);
	sa->id = child->id;
	sa->ike_id = ike->id;
	sa->port = port_of(child);
	sa->any_port = child->any_port || (*child->service && !sa->port);
	sa->spi_in = child->spi_in;
	sa->spi_out = child->spi_out;
	sa->is_tunnel = child->is_tunnel;
	sa->nat = child->encap;
	snprintf(sa->profile, sizeof(sa->profile), "%s", ike->conn);
	snprintf(sa->identity, sizeof(sa->identity), "%s", ike->identity);
	return !nhrp_addr_none(&sa->nbma);
}

static u64 hash_number(const struct sas *sas, u32 number)
{
	struct nhrp_addr a;

	nhrp_addr_set(&a, AF_INET, &number);
	return nhrp_addr_hash(&a, sas->hash_key);
}

struct sa_entry *sas_find(const struct sas *sas, u32 id)
{
	u64 hash = hash_number(sas, id);
	struct nhrp_node *n;

	for (n = nhrp_table_chain(&sas->ids, hash); n; n = n->chain)
		if (n->hash == hash && container_of(n, struct sa_entry, by_id)->sa.id == id)
			return container_of(n, struct sa_entry, by_id);
	return NULL;
}

struct sa_entry *sas_by_spi(const struct sas *sas, u32 spi_in, const struct nhrp_addr *nbma)
{
	u64 hash = hash_number(sas, spi_in);
	struct nhrp_node *n;

	for (n = nhrp_table_chain(&sas->spis, hash); n; n = n->chain) {
		struct sa_entry *e = container_of(n, struct sa_entry, by_spi);

		if (n->hash == hash && e->sa.spi_in == spi_in && nhrp_addr_eq(&e->sa.nbma, nbma))
			return e;
	}
	return NULL;
}

struct sa_entry *sas_of(const struct sas *sas, const struct nhrp_addr *nbma,
			const struct sa_entry *e)
{
	u64 hash = nhrp_addr_hash(nbma, sas->hash_key);
	struct nhrp_node *n = e ? e->by_nbma.chain : nhrp_table_chain(&sas->nbmas, hash);

	for (; n; n = n->chain)
		if (n->hash == hash &&
		    nhrp_addr_eq(&container_of(n, struct sa_entry, by_nbma)->sa.nbma, nbma))
			return container_of(n, struct sa_entry, by_nbma);
	return NULL;
}

const char *sas_identity(const struct sas *sas, const char *profile,
			 const struct nhrp_peer_key *peer)
{
	const struct sa_entry *e = NULL;

	while ((e = sas_of(sas, &peer->nbma, e)))
		if (!strcmp(e->sa.profile, profile) && (e->sa.any_port || e->sa.port == peer->port))
			return e->sa.identity;
	return "";
}

static void unlink_entry(struct sas *sas, struct sa_entry *e)
{
	nhrp_table_del(&sas->ids, &e->by_id);
	nhrp_table_del(&sas->nbmas, &e->by_nbma);
	nhrp_table_del(&sas->spis, &e->by_spi);
}

static int link_entry(struct sas *sas, struct sa_entry *e)
{
	const struct sa *sa = &e->sa;

	if (!nhrp_table_add(&sas->ids, &e->by_id, hash_number(sas, sa->id)) &&
	    !nhrp_table_add(&sas->nbmas, &e->by_nbma, nhrp_addr_hash(&sa->nbma, sas->hash_key)) &&
	    !nhrp_table_add(&sas->spis, &e->by_spi, hash_number(sas, sa->spi_in)))
		return 0;
	unlink_entry(sas, e);
	return -1;
}

struct sa_entry *sas_set(struct sas *sas, const struct sa *sa, u64 now_ms, bool *is_new)
{
	struct sa_entry *e = sas_find(sas, sa->id);

	/* An IKE daemon that was restarted begins to count anew. */
	*is_new = !e || e->sa.spi_in != sa->spi_in;
	if (e && nhrp_addr_eq(&e->sa.nbma, &sa->nbma) && e->sa.spi_in == sa->spi_in) {
		e->sa = *sa;
		return e;
	}
	if (e)
		unlink_entry(sas, e);
	else
		e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	if (*is_new) {
		e->up_ms = now_ms;
		e->wanted_ms = now_ms;
		e->ending_ms = 0;
	}
	e->sa = *sa;
	if (!link_entry(sas, e))
		return e;
	free(e);
	return NULL;
}

void sas_del(struct sas *sas, struct sa_entry *e)
{
	unlink_entry(sas, e);
	free(e);
}

static struct sa_entry *entry_of(struct nhrp_node *by_id)
{
	return by_id ? container_of(by_id, struct sa_entry, by_id) : NULL;
}

struct sa_entry *sas_first(const struct sas *sas)
{
	return entry_of(sas->ids.first);
}

struct sa_entry *sas_next(const struct sa_entry *e)
{
	return entry_of(e->by_id.next);
}

void sas_free(struct sas *sas)
{
	struct sa_entry *e, *tmp;

	sas_for_each(e, tmp, sas)
		sas_del(sas, e);
	nhrp_table_free(&sas->ids);
	nhrp_table_free(&sas->nbmas);
	nhrp_table_free(&sas->spis);
}
