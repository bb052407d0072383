// SPDX-License-Identifier: GPL-2.0
/* Identities: see identity.h */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nhrp/identity.h"
#include "nhrp/packet-ext.h"

#define ROOM_FIRST	4	/* a power of two, as all that follow */

/* FNV-1a: who writes the names has no reason to have two of them collide. */
u64 nhrp_identity_hash(const char *name)
{
	u64 hash = 0xcbf29ce484222325ull;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3ull;
	return hash;
}

static u32 first_slot(const struct nhrp_identities *set, u64 hash)
{
	return hash & (2 * set->room - 1);
}

static u32 next_slot(const struct nhrp_identities *set, u32 slot)
{
	return (slot + 1) & (2 * set->room - 1);
}

static void put_name(struct nhrp_identities *set, unsigned int i)
{
	u32 slot = first_slot(set, nhrp_identity_hash(set->identity[i].name));

	while (set->by_name[slot])
		slot = next_slot(set, slot);
	set->by_name[slot] = i + 1;
}

/* @name: NULL: any that has this hash. */
static struct nhrp_identity *find(const struct nhrp_identities *set, u64 hash,
				  const char *name)
{
	u32 slot;

	if (!set || !set->room)
		return NULL;
	for (slot = first_slot(set, hash); set->by_name[slot];
	     slot = next_slot(set, slot)) {
		struct nhrp_identity *identity =
			&set->identity[set->by_name[slot] - 1];

		if (name ? !strcmp(identity->name, name) :
			   nhrp_identity_hash(identity->name) == hash)
			return identity;
	}
	return NULL;
}

static void put_ike(struct nhrp_identities *set, unsigned int i)
{
	u32 slot = first_slot(set, nhrp_identity_hash(set->identity[i].ike));

	while (set->by_ike[slot])
		slot = next_slot(set, slot);
	set->by_ike[slot] = i + 1;
	set->nr_ike++;
}

struct nhrp_identity *nhrp_identity_by_ike(const struct nhrp_identities *set, const char *ike)
{
	u32 slot;

	if (!set || !set->nr_ike)
		return NULL;
	for (slot = first_slot(set, nhrp_identity_hash(ike)); set->by_ike[slot];
	     slot = next_slot(set, slot)) {
		struct nhrp_identity *identity = &set->identity[set->by_ike[slot] - 1];

		if (!strcmp(identity->ike, ike))
			return identity;
	}
	return NULL;
}

/* Not moved by realloc(), which would leave secrets behind. */
static int make_room(struct nhrp_identities *set, unsigned int room)
{
	struct nhrp_identity *more = calloc(room, sizeof(*more));
	u32 *by_name = calloc(2 * room, sizeof(*by_name));
	unsigned int i;

	if (!more || !by_name) {
		free(more);
		free(by_name);
		return -ENOMEM;
	}
	if (set->nr) {
		memcpy(more, set->identity, set->nr * sizeof(*more));
		explicit_bzero(set->identity, set->nr * sizeof(*more));
	}
	free(set->identity);
	free(set->by_name);
	set->identity = more;
	set->by_name = by_name;
	set->room = room;
	for (i = 0; i < set->nr; i++)
		put_name(set, i);
	return 0;
}

static int grow(struct nhrp_identities *set)
{
	return make_room(set, set->room ? set->room * 2 : ROOM_FIRST);
}

struct nhrp_identity *nhrp_identities_add(struct nhrp_identities **set,
					  const char *name)
{
	struct nhrp_identity *identity;

	if (!*set)
		*set = calloc(1, sizeof(**set));
	if (!*set || (*set)->nr == NHRP_IDENTITIES_MAX ||
	    ((*set)->nr == (*set)->room && grow(*set)))
		return NULL;
	identity = &(*set)->identity[(*set)->nr];
	snprintf(identity->name, sizeof(identity->name), "%.*s",
		 NHRP_IDENTITY_NAME_MAX - 1, name);
	put_name(*set, (*set)->nr++);
	return identity;
}

void nhrp_identities_free(struct nhrp_identities *set)
{
	if (!set)
		return;
	if (set->identity)
		explicit_bzero(set->identity,
			       set->room * sizeof(*set->identity));
	free(set->identity);
	free(set->by_name);
	free(set->by_key);
	free(set->by_ike);
	free(set);
}

static int by_id(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int index_ikes(struct nhrp_identities *set)
{
	unsigned int i;
	int err = 0;

	free(set->by_ike);
	set->nr_ike = 0;
	set->by_ike = calloc(2 * (size_t)set->room + 1, sizeof(*set->by_ike));
	if (!set->by_ike)
		return -ENOMEM;
	for (i = 0; i < set->nr; i++) {
		if (!*set->identity[i].ike)
			continue;
		if (nhrp_identity_by_ike(set, set->identity[i].ike))
			err = -EEXIST;
		else
			put_ike(set, i);
	}
	return err;
}

static int index_keys(struct nhrp_identities *set)
{
	unsigned int i, j, n = 0;

	free(set->by_key);
	set->nr_by_key = 0;
	set->nr_clear = 0;
	set->by_key = calloc((size_t)set->nr * NHRP_IDENTITY_KEYS_MAX + 1,
			     sizeof(*set->by_key));
	if (!set->by_key)
		return -ENOMEM;
	for (i = 0; i < set->nr; i++) {
		for (j = 0; j < set->identity[i].nr_keys; j++)
			set->by_key[n++] =
				(u64)set->identity[i].keys[j].id << 32 | i;
		if (nhrp_identity_is_clear(&set->identity[i]) &&
		    set->nr_clear < NHRP_CLEARS_MAX)
			set->clear[set->nr_clear++] = (u16)i;
	}
	qsort(set->by_key, n, sizeof(*set->by_key), by_id);
	set->nr_by_key = n;
	for (i = 1; i < n; i++)
		if (set->by_key[i] >> 32 == set->by_key[i - 1] >> 32)
			return -EEXIST;
	return 0;
}

int nhrp_identities_index(struct nhrp_identities *set)
{
	int keys = index_keys(set), ikes = index_ikes(set);

	if (keys == -ENOMEM || ikes == -ENOMEM)
		return -ENOMEM;
	return keys ? keys : ikes;
}

static void begin_counting(struct nhrp_identity *identity)
{
	identity->nr_bindings = 0;
	identity->nr_replays = 0;
	memset(identity->floors, 0, sizeof(identity->floors));
}

static int copy_all(struct nhrp_identities *set,
		    const struct nhrp_identities *from)
{
	unsigned int room = ROOM_FIRST;
	int err;

	while (room < from->nr)
		room *= 2;
	err = make_room(set, room);
	for (; !err && set->nr < from->nr; set->nr++) {
		struct nhrp_identity *identity = &set->identity[set->nr];

		memcpy(identity, &from->identity[set->nr], sizeof(*identity));
		if (nhrp_identity_named(set, identity->name))
			return -EEXIST;
		begin_counting(identity);
		put_name(set, set->nr);
	}
	return err ? err : nhrp_identities_index(set);
}

int nhrp_identities_copy(struct nhrp_identities **to,
			 const struct nhrp_identities *from)
{
	struct nhrp_identities *set;
	int err;

	*to = NULL;
	if (!from)
		return 0;
	set = calloc(1, sizeof(*set));
	if (!set)
		return -ENOMEM;
	err = copy_all(set, from);
	if (err)
		nhrp_identities_free(set);
	else
		*to = set;
	return err;
}

bool nhrp_identities_equal(const struct nhrp_identities *a,
			   const struct nhrp_identities *b)
{
	unsigned int i;

	if (!a || !b || a->nr != b->nr)
		return !a && !b;
	for (i = 0; i < a->nr; i++)
		if (memcmp(&a->identity[i], &b->identity[i],
			   offsetof(struct nhrp_identity, nr_bindings)))
			return false;
	return true;
}

bool nhrp_identity_name_ok(const char *name)
{
	size_t len = strnlen(name, NHRP_IDENTITY_NAME_MAX);
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("_.-", name[i]))
			return false;
	/* A single "-" stands for none in files. */
	return len && len < NHRP_IDENTITY_NAME_MAX && strcmp(name, "-");
}

struct nhrp_identity *nhrp_identity_named(const struct nhrp_identities *set,
					  const char *name)
{
	return find(set, nhrp_identity_hash(name), name);
}

struct nhrp_identity *nhrp_identity_hashed(const struct nhrp_identities *set,
					   u64 hash)
{
	return find(set, hash, NULL);
}

u16 nhrp_identity_key_id(const struct nhrp_identity *identity, u16 id)
{
	unsigned int i;

	for (i = 0; i < identity->nr_keys; i++)
		if (identity->keys[i].id == id)
			return id;
	return identity->nr_keys ? identity->keys[0].id : 0;
}

bool nhrp_identities_say(const struct nhrp_identities *set)
{
	unsigned int i;

	for (i = 0; set && i < set->nr; i++)
		if (set->identity[i].nr_keys || nhrp_identity_is_clear(&set->identity[i]))
			return true;
	return false;
}

bool nhrp_identity_proves_as(const struct nhrp_identity *a, const struct nhrp_identity *b)
{
	return a->auth == b->auth && !a->nr_keys == !b->nr_keys && !strcmp(a->ike, b->ike);
}

struct nhrp_identity *nhrp_identity_by_key(const struct nhrp_identities *set,
					   u16 id, const struct nhrp_key **key)
{
	unsigned int low = 0, high = set ? set->nr_by_key : 0;
	struct nhrp_identity *identity;
	unsigned int i;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (set->by_key[mid] >> 32 < id)
			low = mid + 1;
		else
			high = mid;
	}
	if (!set || low == set->nr_by_key || set->by_key[low] >> 32 != id)
		return NULL;
	identity = &set->identity[(u32)set->by_key[low]];
	for (i = 0; i < identity->nr_keys; i++)
		if (identity->keys[i].id == id)
			*key = &identity->keys[i];
	return identity;
}

static bool has_password(const struct nhrp_identity *identity, const u8 *octets, size_t len)
{
	u8 diff = strnlen(identity->password, NHRP_PASSWORD_MAX) != len;
	unsigned int i;

	for (i = 0; i < NHRP_PASSWORD_MAX; i++)
		diff |= (u8)identity->password[i] ^ octets[i];
	return !diff;
}

struct nhrp_identity *nhrp_identity_by_password(const struct nhrp_identities *set,
						const u8 *octets, size_t len)
{
	struct nhrp_identity *found = NULL;
	u8 padded[NHRP_PASSWORD_MAX] = { 0 };
	unsigned int i;

	if (!set || !len || len > NHRP_PASSWORD_MAX)
		return NULL;
	memcpy(padded, octets, len);
	for (i = 0; i < set->nr_clear; i++) {
		struct nhrp_identity *identity = &set->identity[set->clear[i]];

		if (has_password(identity, padded, len))
			found = identity;
	}
	return found;
}

static bool lists_overlap(const struct nhrp_prefixes *a, const struct nhrp_prefixes *b)
{
	unsigned int i, j;

	for (i = 0; i < a->nr; i++)
		for (j = 0; j < b->nr; j++)
			if (nhrp_prefix_contains(&a->prefix[i], &b->prefix[j].addr) ||
			    nhrp_prefix_contains(&b->prefix[j], &a->prefix[i].addr))
				return true;
	return false;
}

const struct nhrp_identity *nhrp_identity_overlaps(const struct nhrp_identities *set,
						   const struct nhrp_identity *clear)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		if (!nhrp_identity_is_clear(&set->identity[i]) &&
		    lists_overlap(&set->identity[i].claim, &clear->claim))
			return &set->identity[i];
	return NULL;
}

const struct nhrp_identity *nhrp_identity_namesake(const struct nhrp_identities *set,
						   const struct nhrp_identity *clear)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++) {
		const struct nhrp_identity *other = &set->identity[i];

		if (other != clear && nhrp_identity_is_clear(other) &&
		    !strncmp(other->password, clear->password, NHRP_PASSWORD_MAX))
			return other;
	}
	return NULL;
}

static bool is_listed(const struct nhrp_prefixes *list, const struct nhrp_addr *proto)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (nhrp_prefix_contains(&list->prefix[i], proto))
			return true;
	return false;
}

/* Every device has a link-local address: it goes without saying, unless it is said. */
bool nhrp_prefixes_allow(const struct nhrp_prefixes *list, const struct nhrp_addr *proto)
{
	bool open = nhrp_addr_is_linklocal6(proto);
	unsigned int i;

	for (i = 0; i < list->nr; i++) {
		const struct nhrp_prefix *p = &list->prefix[i];

		if (nhrp_prefix_contains(p, proto))
			return true;
		if (nhrp_addr_is_linklocal6(proto) && nhrp_addr_is_linklocal6(&p->addr))
			open = false;
	}
	return open;
}

bool nhrp_identity_may_claim(const struct nhrp_identity *identity,
			     const struct nhrp_addr *proto)
{
	if (nhrp_identity_is_clear(identity))
		return is_listed(&identity->claim, proto);
	return !identity->claim.nr || nhrp_prefixes_allow(&identity->claim, proto);
}

int nhrp_identity_may_answer(const struct nhrp_identity *identity,
			     const struct nhrp_addr *target)
{
	const struct nhrp_prefixes *list = &identity->answer;
	unsigned int i;
	int least = -1;

	if (!list->nr && !nhrp_identity_is_clear(identity))
		return 0;
	for (i = 0; i < list->nr; i++)
		if (nhrp_prefix_contains(&list->prefix[i], target) &&
		    (least < 0 || list->prefix[i].plen < least))
			least = list->prefix[i].plen;
	return least;
}

static const char *check_clear(const struct nhrp_identities *set,
			       const struct nhrp_identity *identity)
{
	size_t len = strnlen(identity->password, NHRP_PASSWORD_MAX + 1);

	if (!len || len > NHRP_PASSWORD_MAX)
		return "an identity's password is not 1 to 8 octets long";
	if (identity->nr_keys)
		return "an identity has a password and a key";
	if (*identity->ike)
		return "an identity has a password and an IKE identity";
	if (!identity->claim.nr)
		return "an identity with a password has no addresses to claim";
	if (nhrp_identity_overlaps(set, identity))
		return "an identity with a password may claim what one that signs may";
	if (nhrp_identity_namesake(set, identity))
		return "two identities have one password";
	return NULL;
}

static const char *check_keys(const struct nhrp_identity *identity)
{
	unsigned int i;

	if (identity->nr_keys > NHRP_IDENTITY_KEYS_MAX ||
	    (!identity->nr_keys && !*identity->ike))
		return "an identity has not 1 or 2 keys";
	if (strnlen(identity->ike, NHRP_IKE_ID_MAX) == NHRP_IKE_ID_MAX)
		return "an IKE identity is too long";
	for (i = 0; i < identity->nr_keys; i++)
		if (identity->keys[i].id < NHRP_KEY_ID_MIN ||
		    identity->keys[i].secret.len < NHRP_SECRET_MIN ||
		    identity->keys[i].secret.len > NHRP_SECRET_MAX)
			return "an identity's key has no id or no secret";
	return NULL;
}

static const char *check_one(const struct nhrp_identities *set,
			     const struct nhrp_identity *identity)
{
	if (!nhrp_identity_name_ok(identity->name))
		return "an identity's name is not 1 to 31 letters, digits, \"_.-\"";
	if (identity->claim.nr > NHRP_PREFIXES_MAX ||
	    identity->answer.nr > NHRP_PREFIXES_MAX)
		return "an identity has more than 8 prefixes";
	if (!identity->max_addresses)
		return "an identity may have no address";
	return nhrp_identity_is_clear(identity) ? check_clear(set, identity) : check_keys(identity);
}

const char *nhrp_identities_check(const struct nhrp_identities *set)
{
	unsigned int i, clears = 0;
	const char *why = NULL;

	for (i = 0; set && i < set->nr; i++)
		clears += nhrp_identity_is_clear(&set->identity[i]);
	if (clears > NHRP_CLEARS_MAX)
		return "more than 64 identities have a password";
	for (i = 0; set && i < set->nr && !why; i++)
		why = check_one(set, &set->identity[i]);
	return why;
}
