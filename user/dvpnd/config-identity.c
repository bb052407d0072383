// SPDX-License-Identifier: GPL-2.0
/*
 * The config file: sections "key" and "identity" of a tunnel
 *
 * Which keys are an identity's is known at the end of the tunnel only: till then they are
 * kept in the parser.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dvpnd/config-option.h"
#include "nhrp/packet-ext.h"

#define KEYS_FIRST	8

#define KEY(member) offsetof(struct nhrp_key, member)
static const struct config_option key_options[] = {
	{ "secret", &config_secret, KEY(secret), 0, 0, "" },
};

#define IDENTITY(member) offsetof(struct nhrp_identity, member)
static const struct config_option identity_options[] = {
	{ "auth", &config_choice, IDENTITY(auth), 0, 0, "hmac|cisco" },
	{ "password", &config_password, IDENTITY(password), 0, 0, "" },
	{ "key", &config_identity_keys, IDENTITY(keys), NHRP_KEY_ID_MIN, UINT16_MAX,
	  CONFIG_KEY_UNIT },
	{ "ike", &config_ike_id, IDENTITY(ike), 0, NHRP_IKE_ID_MAX, "" },
	{ "claim", &config_prefixes, IDENTITY(claim), 0, 0, "" },
	{ "answer", &config_prefixes, IDENTITY(answer), 0, 0, "" },
	{ "max-addresses", &config_u16, IDENTITY(max_addresses), 1, UINT16_MAX, "" },
};

static const struct nhrp_tunnel_config *core_of(const void *tun)
{
	return &((const struct config_tunnel *)tun)->core;
}

/* ----- key ID ----- */

/* Not moved by realloc(), which would leave secrets behind. */
static struct config_key *add_key(struct config_parser *p)
{
	unsigned int room = p->room_keys ? p->room_keys * 2 : KEYS_FIRST;
	struct config_key *more;

	if (!p->key_at)
		p->key_at = calloc(UINT16_MAX + 1, sizeof(*p->key_at));
	if (!p->key_at)
		return NULL;
	if (p->nr_keys == p->room_keys) {
		more = calloc(room, sizeof(*more));
		if (!more)
			return NULL;
		if (p->nr_keys) {
			memcpy(more, p->keys, p->nr_keys * sizeof(*more));
			explicit_bzero(p->keys, p->nr_keys * sizeof(*more));
		}
		free(p->keys);
		p->keys = more;
		p->room_keys = room;
	}
	return &p->keys[p->nr_keys++];
}

void config_forget_keys(struct config_parser *p)
{
	if (p->keys)
		explicit_bzero(p->keys, p->room_keys * sizeof(*p->keys));
	free(p->keys);
	free(p->key_at);
	p->keys = NULL;
	p->key_at = NULL;
	p->nr_keys = 0;
	p->room_keys = 0;
}

static struct config_key *find_key(struct config_parser *p, u16 id)
{
	return p->key_at && p->key_at[id] ? &p->keys[p->key_at[id] - 1] : NULL;
}

static void key_begin(struct config_parser *p, void *outer, const char *title,
		      struct config_level *inner)
{
	static const struct config_option opt = {
		.name = "key", .type = &config_key_id, .min = NHRP_KEY_ID_MIN,
		.max = UINT16_MAX, .unit = CONFIG_KEY_UNIT,
	};
	struct nhrp_key *key = &p->spare.key;
	struct config_key *room;
	u16 id = 0;

	(void)outer;
	opt.type->set(p, &opt, title, &id);
	if (find_key(p, id))
		config_error(p, "key %u is already there", id);
	room = add_key(p);
	if (room) {
		room->line = p->lex.line;
		key = &room->key;
		if (id && !p->key_at[id])
			p->key_at[id] = p->nr_keys;
	} else {
		config_error(p, "out of memory");
	}
	memset(key, 0, sizeof(*key));
	key->id = id;
	inner->base = key;
}

static void key_end(struct config_parser *p, const struct config_level *inner)
{
	const struct nhrp_key *key = inner->base;

	/* A title that is no number may be the secret. */
	if (!config_was_set(inner, "secret") && key->id)
		config_error_at(p, inner->line, "key %u has no secret = TEXT", key->id);
}

/* Group keys first, then those of identities: as many numbers for each as it may have keys. */
static const void *key_item(const void *outer, unsigned int *i, char *title)
{
	const struct nhrp_tunnel_config *core = core_of(outer);
	const struct nhrp_identities *set = core->identities;
	unsigned int n = set ? set->nr * NHRP_IDENTITY_KEYS_MAX : 0;
	const struct nhrp_key *key = NULL;

	if (*i < core->nr_keys)
		key = &core->keys[*i];
	for (; !key && *i - core->nr_keys < n; ++*i) {
		unsigned int at = *i - core->nr_keys;
		const struct nhrp_identity *identity =
			&set->identity[at / NHRP_IDENTITY_KEYS_MAX];

		if (at % NHRP_IDENTITY_KEYS_MAX < identity->nr_keys) {
			key = &identity->keys[at % NHRP_IDENTITY_KEYS_MAX];
			break;
		}
	}
	if (key)
		snprintf(title, LEX_WORD_MAX, "%u", key->id);
	return key;
}

static const void *key_find(const void *outer, const char *title)
{
	const struct nhrp_tunnel_config *core = core_of(outer);
	u16 id = (u16)strtoul(title, NULL, 10);
	const struct nhrp_key *key = NULL;
	unsigned int i;

	for (i = 0; i < core->nr_keys; i++)
		if (core->keys[i].id == id)
			return &core->keys[i];
	nhrp_identity_by_key(core->identities, id, &key);
	return key;
}

static void key_unset(const void *outer, unsigned int i, union config_item *unset)
{
	(void)outer;
	(void)i;
	memset(&unset->key, 0, sizeof(unset->key));
}

const struct config_section config_key_section = {
	.name = "key",
	.usage = "key ID { secret = TEXT }",
	.where = "a key",
	.options = key_options,
	.nr_options = ARRAY_SIZE(key_options),
	.begin = key_begin,
	.end = key_end,
	.item = key_item,
	.find = key_find,
	.unset = key_unset,
};

/* ----- identity NAME ----- */

static void identity_begin(struct config_parser *p, void *outer, const char *title,
			   struct config_level *inner)
{
	struct nhrp_tunnel_config *core = &((struct config_tunnel *)outer)->core;
	struct nhrp_identity *identity;

	if (!nhrp_identity_name_ok(title))
		config_error(p, "identity \"%s\": a name is 1 to %d letters, digits, \"_.-\"",
			     title, NHRP_IDENTITY_NAME_MAX - 1);
	if (nhrp_identity_named(core->identities, title))
		config_error(p, "identity %s is already there", title);
	identity = nhrp_identities_add(&core->identities, title);
	if (!identity) {
		config_error(p, "more than %d identities, or out of memory", NHRP_IDENTITIES_MAX);
		identity = &p->spare.identity;
		memset(identity, 0, sizeof(*identity));
	}
	identity->max_addresses = NHRP_IDENTITY_ADDRESSES_DEFAULT;
	inner->base = identity;
}

/* A password that everybody on the way can read must not be good for much. */
static void check_clear(struct config_parser *p, const struct config_level *inner)
{
	if (!config_was_set(inner, "password"))
		config_error_at(p, inner->line, "identity %s: auth = cisco needs a password",
				inner->title);
	if (config_was_set(inner, "key"))
		config_error_at(p, inner->line, "identity %s: key needs auth = hmac",
				inner->title);
	if (config_was_set(inner, "ike"))
		config_error_at(p, inner->line,
				"identity %s: it has a password, and needs none: ike proves more",
				inner->title);
	if (!config_was_set(inner, "claim"))
		config_error_at(p, inner->line,
				"identity %s: auth = cisco needs its addresses: claim = ADDRESS ...",
				inner->title);
}

static void check_signs(struct config_parser *p, const struct config_level *inner)
{
	if (config_was_set(inner, "password"))
		config_error_at(p, inner->line, "identity %s: a password needs auth = cisco",
				inner->title);
	if (!config_was_set(inner, "key") && !config_was_set(inner, "ike"))
		config_error_at(p, inner->line, "identity %s has no key = ID and no ike = ID",
				inner->title);
}

static void identity_end(struct config_parser *p, const struct config_level *inner)
{
	struct nhrp_identity *identity = inner->base;

	while (identity->nr_keys < NHRP_IDENTITY_KEYS_MAX &&
	       identity->keys[identity->nr_keys].id)
		identity->nr_keys++;
	if (nhrp_identity_is_clear(identity))
		check_clear(p, inner);
	else
		check_signs(p, inner);
}

static const void *identity_item(const void *outer, unsigned int *i, char *title)
{
	const struct nhrp_identities *set = core_of(outer)->identities;

	if (!set || *i >= set->nr)
		return NULL;
	snprintf(title, LEX_WORD_MAX, "%s", set->identity[*i].name);
	return &set->identity[*i];
}

static const void *identity_find(const void *outer, const char *title)
{
	return nhrp_identity_named(core_of(outer)->identities, title);
}

static void identity_unset(const void *outer, unsigned int i, union config_item *unset)
{
	(void)outer;
	(void)i;
	memset(&unset->identity, 0, sizeof(unset->identity));
	unset->identity.max_addresses = NHRP_IDENTITY_ADDRESSES_DEFAULT;
}

const struct config_section config_identity_section = {
	.name = "identity",
	.usage = "identity NAME { key = ID ; ike = ID }",
	.where = "an identity",
	.options = identity_options,
	.nr_options = ARRAY_SIZE(identity_options),
	.begin = identity_begin,
	.end = identity_end,
	.item = identity_item,
	.find = identity_find,
	.unset = identity_unset,
};

/* ----- at the end of a tunnel ----- */

/* All of these begin alike. */
static void take_keys(struct config_parser *p, const struct config_level *inner,
		      struct nhrp_identity *identity)
{
	unsigned int i;

	for (i = 0; i < identity->nr_keys; i++) {
		u16 id = identity->keys[i].id;
		struct config_key *key = find_key(p, id);

		if (!key) {
			tunnel_error(p, inner,
				     "identity %s: there is no key %u { secret = TEXT }",
				     identity->name, id);
			continue;
		}
		if (key->taken)
			tunnel_error(p, inner, "key %u belongs to two identities, one is %s", id,
				     identity->name);
		key->taken = true;
		identity->keys[i] = key->key;
	}
}

/* No address that one who signs may have is had for a password, and it says who says it. */
static void check_passwords(struct config_parser *p, const struct config_level *inner,
			    const struct nhrp_tunnel_config *core)
{
	const struct nhrp_identities *set = core->identities;
	const struct nhrp_identity *other;
	unsigned int i, n = 0;

	for (i = 0; set && i < set->nr && n <= NHRP_CLEARS_MAX; i++) {
		const struct nhrp_identity *identity = &set->identity[i];

		if (!nhrp_identity_is_clear(identity))
			continue;
		if (++n == NHRP_CLEARS_MAX + 1)
			tunnel_error(p, inner, "more than %d identities with auth = cisco",
				     NHRP_CLEARS_MAX);
		if (!core->nhs)
			tunnel_error(p, inner,
				     "identity %s: auth = cisco is for a hub (role = nhs or both)",
				     identity->name);
		other = nhrp_identity_overlaps(set, identity);
		if (other)
			tunnel_error(p, inner,
				     "identity %s: auth = cisco, and its claim has addresses of identity %s, which signs",
				     identity->name, other->name);
		other = *identity->password ? nhrp_identity_namesake(set, identity) : NULL;
		if (other && other < identity)
			tunnel_error(p, inner, "identities %s and %s have one password",
				     other->name, identity->name);
	}
}

static void check_ikes(struct config_parser *p, const struct config_level *inner,
		       const struct config_tunnel *tun)
{
	const struct nhrp_identities *set = tun->core.identities;
	const struct nhrp_identity *first;
	unsigned int i;

	for (i = 0; set && i < set->nr; i++) {
		const struct nhrp_identity *identity = &set->identity[i];

		if (!*identity->ike)
			continue;
		if (!*tun->ipsec_profile)
			tunnel_error(p, inner,
				     "identity %s: ike needs the tunnel's ipsec-profile = NAME",
				     identity->name);
		first = nhrp_identity_by_ike(set, identity->ike);
		if (first && first != identity)
			tunnel_error(p, inner, "identities %s and %s have one ike", first->name,
				     identity->name);
	}
}

/* What is no identity's is a group key. */
static void keep_group_keys(struct config_parser *p, struct nhrp_tunnel_config *core)
{
	unsigned int i;

	for (i = 0; i < p->nr_keys; i++) {
		const struct config_key *key = &p->keys[i];

		if (key->taken)
			continue;
		if (core->nr_keys < NHRP_KEYS_MAX)
			core->keys[core->nr_keys++] = key->key;
		else
			config_error_at(p, key->line, "more than %d keys", NHRP_KEYS_MAX);
	}
}

/* A key that this node signs with itself has to be there, and be nobody else's. */
static void check_own(struct config_parser *p, const struct config_level *inner,
		      const char *hub, u16 id)
{
	const struct config_key *key = find_key(p, id);
	const char *what = *hub ? "hub " : "", *colon = *hub ? ": " : "";

	if (!key)
		tunnel_error(p, inner, "%s%s%skey = %u: there is no key %u { secret = TEXT }",
			     what, hub, colon, id, id);
	else if (key->taken)
		tunnel_error(p, inner, "%s%s%skey = %u: that key is an identity's", what, hub,
			     colon, id);
}

static void check_hub_keys(struct config_parser *p, const struct config_level *inner,
			   const struct config_tunnel *tun)
{
	const struct nhrp_hub *hubs = tun->core.hubs;
	unsigned int i, j;

	for (i = 0; i < tun->core.nr_hubs; i++)
		for (j = 0; j < NHRP_HUB_KEYS_MAX; j++)
			if (hubs[i].key_ids[j])
				check_own(p, inner, tun->hub_names[i], hubs[i].key_ids[j]);
}

/* But for those that IKE alone proves. */
static void refuse_signers(struct config_parser *p, const struct config_level *inner,
			   const struct nhrp_tunnel_config *core)
{
	const struct nhrp_identities *set = core->identities;
	unsigned int i;

	for (i = 0; set && i < set->nr; i++)
		if (set->identity[i].nr_keys || !*set->identity[i].ike) {
			tunnel_error(p, inner, "identity %s needs auth = hmac",
				     set->identity[i].name);
			return;
		}
}

/* Options that have a meaning only if the tunnel itself has auth = hmac. */
static void refuse_own(struct config_parser *p, const struct config_level *inner,
		       const struct config_tunnel *tun)
{
	const struct nhrp_tunnel_config *core = &tun->core;

	if (config_was_set(inner, "key"))
		tunnel_error(p, inner, "key needs auth = hmac (for that of GRE see dvpn-link(8))");
	if (p->nr_keys && p->keys[0].key.id && !nhrp_auth_signs(core))
		tunnel_error(p, inner, "key %u needs auth = hmac", p->keys[0].key.id);
	refuse_signers(p, inner, core);
	if (core->identity_required && !(core->identities && core->identities->nr_ike))
		tunnel_error(p, inner, "identity-required needs auth = hmac");
}

/* Of hubs that have the tunnel's auth, which is none that signs, or sign where it does not. */
static void check_hub_modes(struct config_parser *p, const struct config_level *inner,
			    const struct config_tunnel *tun)
{
	unsigned int i;

	for (i = 0; i < tun->core.nr_hubs; i++) {
		const struct nhrp_hub *hub = &tun->core.hubs[i];
		bool signs = nhrp_auth_mode_of(&tun->core, hub) == NHRP_AUTH_HMAC;

		if (!hub->auth.own && hub->key_ids[0])
			tunnel_error(p, inner, "hub %s: key needs auth = hmac", tun->hub_names[i]);
		else if (signs && !hub->key_ids[0])
			tunnel_error(p, inner,
				     "hub %s: auth = hmac needs the key to sign with: key = ID",
				     tun->hub_names[i]);
	}
}

static void check_tunnel_key(struct config_parser *p, const struct config_level *inner,
			     const struct nhrp_tunnel_config *core)
{
	if (core->key_id)
		check_own(p, inner, "", core->key_id);
	else if (!config_was_set(inner, "key") && !nhrp_identities_say(core->identities))
		tunnel_error(p, inner, "auth = hmac needs the key to sign with: key = ID");
}

static void check_extensions(struct config_parser *p, const struct config_level *inner,
			     const struct config_tunnel *tun)
{
	const struct nhrp_tunnel_config *core = &tun->core;
	char proto[NHRP_ADDR_STRLEN];
	unsigned int i;

	if (!core->extensions)
		tunnel_error(p, inner, "auth = hmac needs extensions = yes");
	for (i = 0; i < core->nr_hubs; i++)
		if (core->hubs[i].says.extensions == NHRP_OFF &&
		    nhrp_auth_mode_of(core, &core->hubs[i]) == NHRP_AUTH_HMAC)
			tunnel_error(p, inner, "hub %s: auth = hmac needs extensions = yes",
				     tun->hub_names[i]);
	for (i = 0; i < core->nr_statics && core->auth == NHRP_AUTH_HMAC; i++)
		if (core->statics[i].says.extensions == NHRP_OFF)
			tunnel_error(p, inner, "map %s: auth = hmac needs extensions = yes",
				     nhrp_addr_format(&core->statics[i].proto, proto,
						      sizeof(proto)));
}

void config_end_keys(struct config_parser *p, const struct config_level *inner,
		     struct config_tunnel *tun)
{
	struct nhrp_tunnel_config *core = &tun->core;
	unsigned int i;

	for (i = 0; core->identities && i < core->identities->nr; i++)
		take_keys(p, inner, &core->identities->identity[i]);
	if (core->identities && nhrp_identities_index(core->identities) == -ENOMEM)
		tunnel_error(p, inner, "out of memory");
	check_ikes(p, inner, tun);
	keep_group_keys(p, core);
	if (core->auth == NHRP_AUTH_HMAC) {
		check_tunnel_key(p, inner, core);
		check_passwords(p, inner, core);
	} else {
		refuse_own(p, inner, tun);
		check_hub_modes(p, inner, tun);
	}
	if (!nhrp_auth_signs(core))
		return;
	check_hub_keys(p, inner, tun);
	check_extensions(p, inner, tun);
}
