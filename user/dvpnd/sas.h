/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Security associations with peers, as the IKE daemon tells of them
 *
 * One entry for each pair of ESP states (a CHILD_SA) of a profile. Found by its number, by the
 * address of the peer, and by the SPI of what comes in.
 */
#ifndef DVPND_SAS_H
#define DVPND_SAS_H

#include "nhrp/addr.h"
#include "nhrp/map.h"
#include "nhrp/table.h"
#include "vici/sa.h"

/**
 * struct sa - a security association
 * @id: the IKE daemon's number of it.
 * @ike_id: its number of the IKE_SA that it belongs to.
 * @nbma: address of the peer, as we see it.
 * @port: UDP port of the peer inside of ESP, 0: GRE, or @any_port.
 * @any_port: it may be for any port of the peer.
 * @spi_in: what comes in has this, host byte order.
 * @spi_out: what goes out has it.
 * @is_tunnel: in tunnel mode.
 * @nat: in UDP, for a NAT between us.
 * @profile: connection that it is of.
 * @identity: who the peer has proved to be, "" if that is not known.
 */
struct sa {
	u32 id;
	u32 ike_id;
	struct nhrp_addr nbma;
	u16 port;
	bool any_port;
	u32 spi_in;
	u32 spi_out;
	bool is_tunnel;
	bool nat;
	char profile[VICI_CONN_MAX];
	char identity[VICI_IDENTITY_MAX];
};

/**
 * struct sa_entry - one that is known
 * @sa: what was told of it.
 * @up_ms: since when it is known.
 * @wanted_ms: when there last was a peer for it.
 * @ending_ms: when the IKE daemon was asked to end it, 0: not.
 * @listing: number of the listing that it was last in.
 * @by_id: in @ids.
 * @by_nbma: in @nbmas.
 * @by_spi: in @spis.
 */
struct sa_entry {
	struct sa sa;
	u64 up_ms;
	u64 wanted_ms;
	u64 ending_ms;
	u32 listing;
	struct nhrp_node by_id;
	struct nhrp_node by_nbma;
	struct nhrp_node by_spi;
};

/**
 * struct sas - all that are known
 * @ids: by number.
 * @nbmas: by address of the peer.
 * @spis: by SPI of what comes in.
 * @hash_key: nobody else's.
 */
struct sas {
	struct nhrp_table ids;
	struct nhrp_table nbmas;
	struct nhrp_table spis;
	u64 hash_key[2];
};

/* What is told of one; false: it has no address. */
bool sas_read(struct sa *sa, const struct vici_ike *ike, const struct vici_child *child);

/* A table of none; needs random numbers. */
void sas_init(struct sas *sas);

/**
 * sas_set() - there is such a one
 * @sas: table.
 * @sa: copied.
 * @now_ms: now.
 * @is_new: whether it was not known, or another one had its number.
 *
 * Return: the entry, NULL without memory.
 */
struct sa_entry *sas_set(struct sas *sas, const struct sa *sa, u64 now_ms, bool *is_new);

/* NULL: it is not known. */
struct sa_entry *sas_find(const struct sas *sas, u32 id);

/* Take it out and free it. */
void sas_del(struct sas *sas, struct sa_entry *e);

/* Those with the peer at @nbma: the first, or the next after @e; NULL: there is none. */
struct sa_entry *sas_of(const struct sas *sas, const struct nhrp_addr *nbma,
			const struct sa_entry *e);

/* The one that ESP with this SPI comes in by from @nbma; NULL: it is not known. */
struct sa_entry *sas_by_spi(const struct sas *sas, u32 spi_in, const struct nhrp_addr *nbma);

/* Who has proved to be at @peer by this connection; "": nobody, or it is not known. */
const char *sas_identity(const struct sas *sas, const char *profile,
			 const struct nhrp_peer_key *peer);

/* In the order in which they were told of; NULL: there are no more. */
struct sa_entry *sas_first(const struct sas *sas);
struct sa_entry *sas_next(const struct sa_entry *e);

/* The body may delete @e only. */
#define sas_for_each(e, tmp, sas)						\
	for ((e) = sas_first(sas); (e) && ((tmp) = sas_next(e), true); (e) = (tmp))

/* Forget all. */
void sas_free(struct sas *sas);

#endif /* DVPND_SAS_H */
