/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Identities: members that have keys of their own, and what each of them may do
 *
 * Who signs with a key of an identity proves to be it. Keys that belong to none are
 * group keys: who has one proves to be a member and nothing else. Where IPsec protects the
 * tunnel an identity may be proved by IKE: in place of a key, or, if it has both, as well.
 * A few have a password
 * in clear in place of a key, which proves little: they may do only what they are told
 * to, and nobody who signs has to yield to them.
 */
#ifndef NHRP_IDENTITY_H
#define NHRP_IDENTITY_H

#include "nhrp/addr.h"

#define NHRP_KEYS_MAX		8	/* group keys of a tunnel */
#define NHRP_SECRET_MIN		16	/* octets of a key */
#define NHRP_SECRET_MAX		64	/* octets, a block of SHA-256 */
#define NHRP_IDENTITIES_MAX	16384	/* of a tunnel */
#define NHRP_CLEARS_MAX		64	/* of them, those with a password: all are compared */
#define NHRP_PASSWORD_MAX	8	/* octets, what Cisco and FRR take */
#define NHRP_IDENTITY_NAME_MAX	32	/* bytes of a name with NUL */
#define NHRP_IDENTITY_KEYS_MAX	2	/* one, and the one that takes its place */
#define NHRP_IKE_ID_MAX		256	/* bytes of an IKE identity with NUL */
#define NHRP_PREFIXES_MAX	8	/* prefixes of a list */

#define NHRP_IDENTITY_ADDRESSES_DEFAULT	16

/**
 * struct nhrp_secret - what only those who may take part know
 * @len: octets, 0: none.
 * @octet: the octets, zero behind @len.
 */
struct nhrp_secret {
	u8 len;
	u8 octet[NHRP_SECRET_MAX];
};

/**
 * struct nhrp_key - a key that messages are signed with
 * @id: by which the others know it, 256 to 65535.
 * @secret: NHRP_SECRET_MIN octets at least.
 */
struct nhrp_key {
	u16 id;
	struct nhrp_secret secret;
};

/**
 * struct nhrp_replay_floor - what is not newer was sent by somebody who is forgotten
 * @key_id: of messages that are signed with this key, 0: no floor.
 * @epoch: newest life of all of them.
 * @top: highest counter in @epoch.
 */
struct nhrp_replay_floor {
	u16 key_id;
	u32 epoch;
	u32 top;
};

/**
 * struct nhrp_prefixes - a list of prefixes
 * @nr: number of @prefix.
 * @prefix: their host bits are zero.
 */
struct nhrp_prefixes {
	unsigned int nr;
	struct nhrp_prefix prefix[NHRP_PREFIXES_MAX];
};

/**
 * enum nhrp_identity_auth - how an identity proves to be it
 * @NHRP_IDENTITY_HMAC: it signs with a key, or IKE has proved who it is, or both.
 * @NHRP_IDENTITY_CISCO: it knows a password, which it sends in clear, as old Cisco
 *	routers do; for a tunnel in which others sign.
 */
enum nhrp_identity_auth {
	NHRP_IDENTITY_HMAC,
	NHRP_IDENTITY_CISCO,
};

/**
 * struct nhrp_identity - a member that has keys of its own
 * @name: letters, digits, "_.-".
 * @auth: how it proves to be it.
 * @password: of NHRP_IDENTITY_CISCO: 1 to NHRP_PASSWORD_MAX octets, zero behind them, and
 *	no other identity's.
 * @keys: of NHRP_IDENTITY_HMAC: any of them proves it; we sign with the first unless it
 *	has used another.
 * @nr_keys: number of @keys, 1 at least; 0 of NHRP_IDENTITY_CISCO, and allowed with @ike.
 * @ike: who it has proved to be by IKE at the other end of the security association that
 *	its messages come by, exactly so; zero behind it; no other identity's. "": that is
 *	not looked at.
 * @claim: addresses that it may register; none: all of the tunnel's subnets. Of
 *	NHRP_IDENTITY_CISCO not none, and none that the @claim of one that signs has.
 * @answer: what it may be the way to, beside its own addresses; none: anything, and
 *	nothing of NHRP_IDENTITY_CISCO.
 * @max_addresses: how many it may have registered at a time, 1 at least.
 * @nr_bindings: how many it has; of the core, as all that follows.
 * @nr_replays: senders that were heard with its keys.
 * @floors: for its keys, see replay.c.
 */
struct nhrp_identity {
	char name[NHRP_IDENTITY_NAME_MAX];
	enum nhrp_identity_auth auth;
	char password[NHRP_PASSWORD_MAX + 1];
	struct nhrp_key keys[NHRP_IDENTITY_KEYS_MAX];
	unsigned int nr_keys;
	char ike[NHRP_IKE_ID_MAX];
	struct nhrp_prefixes claim;
	struct nhrp_prefixes answer;
	u16 max_addresses;
	unsigned int nr_bindings;
	unsigned int nr_replays;
	struct nhrp_replay_floor floors[NHRP_IDENTITY_KEYS_MAX];
};

/**
 * struct nhrp_identities - the identities of a tunnel
 * @nr: number of @identity.
 * @room: identities there is memory for, a power of two, or 0.
 * @identity: the identities.
 * @by_name: hash table of twice @room: index of identity + 1, 0: nothing.
 * @by_key: all keys, sorted: id << 32 | index of identity; see nhrp_identities_index().
 * @nr_by_key: number of @by_key.
 * @by_ike: hash table of twice @room, as @by_name, of those that IKE proves; see
 *	nhrp_identities_index().
 * @nr_ike: number of those.
 * @clear: indices of those with a password; see nhrp_identities_index().
 * @nr_clear: number of @clear.
 */
struct nhrp_identities {
	unsigned int nr;
	unsigned int room;
	struct nhrp_identity *identity;
	u32 *by_name;
	u64 *by_key;
	unsigned int nr_by_key;
	u32 *by_ike;
	unsigned int nr_ike;
	u16 clear[NHRP_CLEARS_MAX];
	unsigned int nr_clear;
};

/**
 * nhrp_identities_add() - one more
 * @set: to add to; NULL in there: made.
 * @name: of it, cut if it is too long. Of two that have one the first is found.
 *
 * Return: it, but for its name zeroed, until the next one is added; NULL: no memory, or
 * too many.
 */
struct nhrp_identity *nhrp_identities_add(struct nhrp_identities **set,
					  const char *name);

/**
 * nhrp_identities_index() - all have their keys: they can be found from now on
 * @set: identities.
 *
 * Return: 0, -ENOMEM, or -EEXIST if two of them have one key or one IKE identity.
 */
int nhrp_identities_index(struct nhrp_identities *set);

/**
 * nhrp_identities_copy() - a copy of its own, in which keys are found
 * @to: set to the copy, or to NULL if @from is.
 * @from: identities.
 *
 * Return: 0, -ENOMEM, or -EEXIST if two of them have one key, one name or one IKE identity.
 */
int nhrp_identities_copy(struct nhrp_identities **to,
			 const struct nhrp_identities *from);

/**
 * nhrp_identities_equal() - are they the same, in the same order?
 * @a: identities, or NULL.
 * @b: others, or NULL.
 *
 * What the core counts is not looked at.
 */
bool nhrp_identities_equal(const struct nhrp_identities *a,
			   const struct nhrp_identities *b);

/**
 * nhrp_identities_free() - forget them and their secrets
 * @set: or NULL.
 */
void nhrp_identities_free(struct nhrp_identities *set);

/* Is that a name of an identity? */
bool nhrp_identity_name_ok(const char *name);

/* Whose name that is, or NULL. */
struct nhrp_identity *nhrp_identity_named(const struct nhrp_identities *set,
					  const char *name);

/* What a cookie has in place of a name, and whose that is. */
u64 nhrp_identity_hash(const char *name);
struct nhrp_identity *nhrp_identity_hashed(const struct nhrp_identities *set,
					   u64 hash);

/* The id of a key of it: this one, or its first; 0: it has none. */
u16 nhrp_identity_key_id(const struct nhrp_identity *identity, u16 id);

/**
 * nhrp_identity_by_key() - whose key is that?
 * @set: identities whose keys can be found, or NULL.
 * @id: of the key.
 * @key: set to the key, if it is found.
 *
 * Return: NULL if it is none of theirs.
 */
struct nhrp_identity *nhrp_identity_by_key(const struct nhrp_identities *set,
					   u16 id, const struct nhrp_key **key);

/* Whose IKE identity that is, or NULL. They must be indexed. */
struct nhrp_identity *nhrp_identity_by_ike(const struct nhrp_identities *set, const char *ike);

/* Has any of them a key or a password, by which its messages are its own? @set: or NULL. */
bool nhrp_identities_say(const struct nhrp_identities *set);

/* Do both prove in the same way who they are? What was proved otherwise does not hold. */
bool nhrp_identity_proves_as(const struct nhrp_identity *a, const struct nhrp_identity *b);

/**
 * nhrp_identity_by_password() - whose password is that?
 * @set: identities whose keys can be found, or NULL.
 * @octets: a password as it came.
 * @len: its octets.
 *
 * All are compared, each of them to its end, whichever it is.
 *
 * Return: NULL if it is none of theirs.
 */
struct nhrp_identity *nhrp_identity_by_password(const struct nhrp_identities *set,
						const u8 *octets, size_t len);

/* Does it say a password in place of signing? @identity: or NULL. */
static inline bool nhrp_identity_is_clear(const struct nhrp_identity *identity)
{
	return identity && identity->auth == NHRP_IDENTITY_CISCO;
}

/**
 * nhrp_identity_overlaps() - which one that signs may claim what this one may?
 * @set: identities.
 * @clear: one of them, with a password.
 *
 * Return: one whose addresses are not @clear's, but @clear could claim them; or NULL.
 */
const struct nhrp_identity *nhrp_identity_overlaps(const struct nhrp_identities *set,
						   const struct nhrp_identity *clear);

/* Another one that has its password, or NULL. */
const struct nhrp_identity *nhrp_identity_namesake(const struct nhrp_identities *set,
						   const struct nhrp_identity *clear);

/* Does a list that is not empty allow the address? A link-local one unless it has others. */
bool nhrp_prefixes_allow(const struct nhrp_prefixes *list, const struct nhrp_addr *proto);

/* May it have @proto, which is one of the tunnel's? */
bool nhrp_identity_may_claim(const struct nhrp_identity *identity,
			     const struct nhrp_addr *proto);

/**
 * nhrp_identity_may_answer() - may it say that it is the way to an address?
 * @identity: with prefixes that it may answer for, or without.
 * @target: the address, none of its own.
 *
 * Return: length of the shortest prefix around @target that it may give, 0 if there is
 * no limit; -1: it may not.
 */
int nhrp_identity_may_answer(const struct nhrp_identity *identity,
			     const struct nhrp_addr *target);

/* What is wrong with one of them, in words; NULL: nothing. */
const char *nhrp_identities_check(const struct nhrp_identities *set);

#endif /* NHRP_IDENTITY_H */
