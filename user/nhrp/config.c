// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "nhrp/core.h"
#include "nhrp/internal.h"
#include "nhrp/packet-ext.h"
#include "nhrp/packet.h"

bool nhrp_hub_is(const struct nhrp_hub *hub, const char *name,
		 const struct nhrp_peer_key *peer)
{
	struct nhrp_peer_key key = hub->peer;

	if (*name)
		key.nbma = peer->nbma;
	return !strcasecmp(hub->name, name) && nhrp_key_eq(&key, peer);
}

void nhrp_tunnel_config_default(struct nhrp_tunnel_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->port = 4754;	/* IANA, GRE-in-UDP */
	cfg->holding_time_s = NHRP_HOLDING_TIME_DEFAULT_S;
	cfg->probe_interval_s = NHRP_PROBE_INTERVAL_DEFAULT_S;
	cfg->unique = NHRP_UNIQUE_VERIFY;
	cfg->register_unique = true;
	cfg->probation = true;
	cfg->multicast = true;
	cfg->extensions = true;
	cfg->max_hubs = NHRP_HUBS_MAX;
	cfg->hub_hold_down_s = NHRP_HUB_HOLD_DOWN_DEFAULT_S;
	cfg->min_plen[0] = 8;
	cfg->min_plen[1] = 16;
	cfg->max_bindings = 16384;
	cfg->max_shortcuts = 4096;
	cfg->auth = NHRP_AUTH_NONE;
	nhrp_tunnel_config_phase(cfg, 3);
}

int nhrp_tunnel_config_phase(struct nhrp_tunnel_config *cfg, unsigned int phase)
{
	if (phase < 1 || phase > 3)
		return -EINVAL;
	cfg->phase = phase;
	cfg->shortcut = phase > 1;
	cfg->redirect = phase == 3;
	cfg->resolve_answer = phase < 3;
	return 0;
}

static bool good_encap(const struct nhrp_peer_key *key)
{
	return key->encap == NHRP_ENCAP_UDP ? key->port != 0 :
	       key->encap == NHRP_ENCAP_GRE && !key->port;
}

static bool good_key(const struct nhrp_peer_key *key)
{
	return nhrp_addr_is_unicast(&key->nbma) && good_encap(key);
}

static const char *check_hub(const struct nhrp_tunnel_config *cfg,
			     const struct nhrp_hub *hub)
{
	unsigned int six = hub->peer.nbma.family == AF_INET6;
	unsigned int i;

	if (hub->nr_addrs > NHRP_HUB_ADDRS_MAX)
		return "a hub's name has more than 8 addresses";
	if (*hub->name ? !good_encap(&hub->peer) : !good_key(&hub->peer))
		return "a hub's NBMA address is not a unicast address";
	if (!*hub->name &&
	    nhrp_addr_eq(&hub->peer.nbma, &cfg->nbma[six]))
		return "a hub's NBMA address is our own";
	if (!hub->has_proto)
		return NULL;
	if (!nhrp_addr_is_unicast(&hub->proto))
		return "a hub's protocol address is not a unicast address";
	for (i = 0; i < cfg->nr_locals; i++)
		if (nhrp_addr_eq(&hub->proto, &cfg->locals[i].addr))
			return "a hub's protocol address is our own";
	return NULL;
}

static const char *check_numbers(const struct nhrp_tunnel_config *cfg)
{
	if (cfg->holding_time_s < NHRP_HOLDING_TIME_MIN_S)
		return "holding time is shorter than 10 s";
	if (cfg->max_holding_time_s && cfg->max_holding_time_s < NHRP_HOLDING_TIME_MIN_S)
		return "the longest holding time is shorter than 10 s";
	if (cfg->min_plen[0] > 32 || cfg->min_plen[1] > 128)
		return "min-prefix is longer than an address";
	if (cfg->claim.nr > NHRP_PREFIXES_MAX)
		return "more than 8 prefixes that may be claimed";
	if (!cfg->max_hubs || cfg->max_hubs > NHRP_HUBS_MAX)
		return "max-hubs is not 1 to 8";
	if (!cfg->max_bindings || !cfg->max_shortcuts)
		return "a table size is 0";
	if (cfg->encap != NHRP_ENCAP_GRE && cfg->encap != NHRP_ENCAP_UDP)
		return "encapsulation is neither GRE nor UDP";
	if (cfg->encap == NHRP_ENCAP_UDP && !cfg->port)
		return "UDP port is 0";
	return NULL;
}

static bool has_key(const struct nhrp_tunnel_config *cfg, u16 id)
{
	unsigned int i;

	for (i = 0; i < cfg->nr_keys; i++)
		if (cfg->keys[i].id == id)
			return true;
	return false;
}

static const char *check_hub_keys(const struct nhrp_tunnel_config *cfg)
{
	unsigned int i, j;

	for (i = 0; i < cfg->nr_hubs; i++)
		for (j = 0; j < NHRP_HUB_KEYS_MAX; j++)
			if (cfg->hubs[i].key_ids[j] &&
			    !has_key(cfg, cfg->hubs[i].key_ids[j]))
				return "the key of a hub is not there";
	return NULL;
}

static const char *check_keys(const struct nhrp_tunnel_config *cfg)
{
	const char *why;
	unsigned int i, j;

	if (cfg->nr_keys > NHRP_KEYS_MAX)
		return "more than 8 keys";
	for (i = 0; i < cfg->nr_keys; i++) {
		const struct nhrp_key *key = &cfg->keys[i];

		if (key->id < NHRP_KEY_ID_MIN)
			return "a key's id is not 256 to 65535";
		if (key->secret.len < NHRP_SECRET_MIN ||
		    key->secret.len > NHRP_SECRET_MAX)
			return "a key is not 16 to 64 octets long";
		for (j = 0; j < i; j++)
			if (cfg->keys[j].id == key->id)
				return "two keys have one id";
	}
	why = check_hub_keys(cfg);
	if (why)
		return why;
	if (cfg->auth == NHRP_AUTH_HMAC && !has_key(cfg, cfg->key_id) &&
	    (cfg->key_id || !nhrp_identities_say(cfg->identities)))
		return "the key to sign with is not there";
	return NULL;
}

/* Who is sent no vendor extension is sent no epoch and counter. */
static bool has_bare_peer(const struct nhrp_tunnel_config *cfg)
{
	bool all = cfg->auth == NHRP_AUTH_HMAC;
	unsigned int i;

	for (i = 0; i < cfg->nr_hubs; i++)
		if (nhrp_auth_mode_of(cfg, &cfg->hubs[i]) == NHRP_AUTH_HMAC &&
		    cfg->hubs[i].says.extensions == NHRP_OFF)
			return true;
	for (i = 0; i < cfg->nr_statics && all; i++)
		if (cfg->statics[i].says.extensions == NHRP_OFF)
			return true;
	return !cfg->extensions;
}

static const char *check_mode(enum nhrp_auth_mode mode, const char *password)
{
	size_t len = strnlen(password, NHRP_PASSWORD_MAX + 1);

	switch (mode) {
	case NHRP_AUTH_NONE:
	case NHRP_AUTH_HMAC:
		return NULL;
	case NHRP_AUTH_CISCO:
		return len && len <= NHRP_PASSWORD_MAX ? NULL :
			"password is not 1 to 8 octets long";
	}
	return "authentication is neither none, cisco nor hmac";
}

/* What comes from an address is judged by the authentication of the one hub there. */
static const char *check_neighbours(const struct nhrp_tunnel_config *cfg,
				    const struct nhrp_hub *hub)
{
	const struct nhrp_hub *o;

	for (o = cfg->hubs; o < hub; o++)
		if (!*o->name && !*hub->name &&
		    nhrp_same_endpoint(&o->peer, &hub->peer) &&
		    !nhrp_auth_alike(cfg, o, cfg, hub))
			return "two hubs at one address authenticate differently";
	return NULL;
}

static const char *check_hub_auth(const struct nhrp_tunnel_config *cfg,
				  const struct nhrp_hub *hub)
{
	const char *why = NULL;

	if (hub->auth.own)
		why = check_mode(hub->auth.mode, hub->auth.password);
	if (!why && cfg->auth != NHRP_AUTH_HMAC && !hub->key_ids[0] &&
	    nhrp_auth_mode_of(cfg, hub) == NHRP_AUTH_HMAC)
		why = "a hub has no key to sign with";
	return why ? why : check_neighbours(cfg, hub);
}

/* Where nobody signs IKE has to say who sends. */
static const char *check_identities(const struct nhrp_tunnel_config *cfg)
{
	const struct nhrp_identities *set = cfg->identities;
	bool signs = cfg->auth == NHRP_AUTH_HMAC;
	unsigned int i;

	if (!signs && cfg->identity_required && !set)
		return "identities need HMACs";
	for (i = 0; set && i < set->nr && !signs; i++)
		if (set->identity[i].nr_keys || !*set->identity[i].ike)
			return "identities need HMACs";
	return nhrp_identities_check(set);
}

static const char *check_auth(const struct nhrp_tunnel_config *cfg)
{
	const char *why = check_mode(cfg->auth, cfg->password);
	unsigned int i;

	if (!why)
		why = check_identities(cfg);
	for (i = 0; i < cfg->nr_hubs && !why; i++)
		why = check_hub_auth(cfg, &cfg->hubs[i]);
	if (why || !nhrp_auth_signs(cfg))
		return why;
	return has_bare_peer(cfg) ? "HMACs need our vendor extension" :
		check_keys(cfg);
}

static const char *check(const struct nhrp_tunnel_config *cfg)
{
	const char *why;
	unsigned int i;

	if (!cfg->nr_locals || cfg->nr_locals > NHRP_LOCALS_MAX)
		return "needs 1 to 8 own protocol addresses";
	if (cfg->nr_hubs > NHRP_HUBS_MAX)
		return "more than 8 hubs";
	if (cfg->nr_statics > NHRP_STATICS_MAX)
		return "more than 64 static mappings";
	for (i = 0; i < cfg->nr_locals; i++)
		if (!nhrp_addr_is_unicast(&cfg->locals[i].addr) ||
		    cfg->locals[i].plen > nhrp_addr_bits(&cfg->locals[i].addr))
			return "an own protocol address is not a unicast address";
	for (i = 0; i < 2; i++)
		if (!nhrp_addr_none(&cfg->nbma[i]) &&
		    (!nhrp_addr_is_unicast(&cfg->nbma[i]) ||
		     cfg->nbma[i].family != (i ? AF_INET6 : AF_INET)))
			return "an own NBMA address is not a unicast address of its family";
	for (i = 0; i < cfg->nr_hubs; i++) {
		why = check_hub(cfg, &cfg->hubs[i]);
		if (why)
			return why;
	}
	for (i = 0; i < cfg->nr_statics; i++)
		if (!nhrp_addr_is_unicast(&cfg->statics[i].proto) ||
		    !good_key(&cfg->statics[i].peer))
			return "a static mapping's address is not a unicast address";
	why = check_numbers(cfg);
	return why ? why : check_auth(cfg);
}

int nhrp_tunnel_config_check(const struct nhrp_tunnel_config *cfg,
			     const char **why)
{
	const char *text = check(cfg);

	if (why)
		*why = text;
	return text ? -EINVAL : 0;
}
