// SPDX-License-Identifier: GPL-2.0
/*
 * Which authentication holds for whom
 *
 * A hub may have its own; everybody else has that of the tunnel. Of a message that comes in
 * only the locator that it comes from says which one is required, never the message: where a
 * hub is, or one is tried, that hub's, and it alone. Who sends as if from elsewhere gets that
 * of the tunnel, and is no hub: what only a hub may do, or the one who was asked, is taken
 * only as the authentication of that hub wants it.
 *
 * Where all others sign, a few identities may say a password in its place, as old Cisco
 * routers do. Who does so is that identity and no more, and what comes from it counts as
 * said in clear wherever it goes. What is sent to a place is in clear only if such a one
 * alone is registered there, or for an answer to what came so.
 */
#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/binding.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/nhc.h"

enum nhrp_auth_mode nhrp_auth_mode_of(const struct nhrp_tunnel_config *cfg,
				      const struct nhrp_hub *hub)
{
	return hub && hub->auth.own ? hub->auth.mode : cfg->auth;
}

static const char *password_of(const struct nhrp_tunnel_config *cfg,
			       const struct nhrp_hub *hub)
{
	return hub && hub->auth.own ? hub->auth.password : cfg->password;
}

static const u16 *keys_of(const struct nhrp_hub *hub)
{
	static const u16 none[NHRP_HUB_KEYS_MAX];

	return hub ? hub->key_ids : none;
}

bool nhrp_auth_alike(const struct nhrp_tunnel_config *a, const struct nhrp_hub *hub_a,
		     const struct nhrp_tunnel_config *b, const struct nhrp_hub *hub_b)
{
	enum nhrp_auth_mode mode = nhrp_auth_mode_of(a, hub_a);

	if (mode != nhrp_auth_mode_of(b, hub_b))
		return false;
	switch (mode) {
	case NHRP_AUTH_CISCO:
		return !strncmp(password_of(a, hub_a), password_of(b, hub_b),
				NHRP_PASSWORD_MAX);
	case NHRP_AUTH_HMAC:
		return !memcmp(keys_of(hub_a), keys_of(hub_b),
			       NHRP_HUB_KEYS_MAX * sizeof(u16));
	case NHRP_AUTH_NONE:
		break;
	}
	return true;
}

bool nhrp_auth_signs(const struct nhrp_tunnel_config *cfg)
{
	unsigned int i;

	for (i = 0; i < cfg->nr_hubs; i++)
		if (nhrp_auth_mode_of(cfg, &cfg->hubs[i]) == NHRP_AUTH_HMAC)
			return true;
	return cfg->auth == NHRP_AUTH_HMAC;
}

enum nhrp_auth_mode nhrp_auth_place(const struct nhrp_tunnel *t,
				    const struct nhrp_peer_key *peer)
{
	return nhrp_auth_mode_of(&t->cfg, nhrp_hub_at(t, peer));
}

bool nhrp_auth_has_clear(const struct nhrp_tunnel *t)
{
	return t->cfg.auth == NHRP_AUTH_HMAC && t->cfg.identities && t->cfg.identities->nr_clear;
}

struct nhrp_identity *nhrp_auth_clear_at(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer)
{
	const struct nhrp_locator *l = nhrp_auth_has_clear(t) ? nhrp_locator_find(t, peer) : NULL;
	struct nhrp_identity *first = NULL;
	const struct nhrp_binding *b;
	unsigned int i;

	for (i = 0; l && i < 2; i++)
		for (b = l->here[i]; b; b = b->next_here) {
			if (!nhrp_identity_is_clear(b->identity) ||
			    (first && first != b->identity))
				return NULL;
			first = b->identity;
		}
	return first;
}

/* Whose password holds there: nobody's where a hub is, which has its own. */
static const struct nhrp_identity *clear_for(struct nhrp_tunnel *t,
					     const struct nhrp_peer_key *peer)
{
	return nhrp_hub_at(t, peer) ? NULL : nhrp_auth_clear_at(t, peer);
}

enum nhrp_auth_mode nhrp_auth_mode_at(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer)
{
	return clear_for(t, peer) ? NHRP_AUTH_CISCO : nhrp_auth_place(t, peer);
}

const char *nhrp_auth_password_at(struct nhrp_tunnel *t, const struct nhrp_peer_key *peer)
{
	const struct nhrp_identity *clear = clear_for(t, peer);

	return clear ? clear->password : password_of(&t->cfg, nhrp_hub_at(t, peer));
}

bool nhrp_auth_is_clear(const struct nhrp_rx *rx)
{
	return nhrp_identity_is_clear(rx->identity);
}

enum nhrp_auth_mode nhrp_auth_mode_rx(const struct nhrp_rx *rx)
{
	return nhrp_auth_is_clear(rx) ? NHRP_AUTH_CISCO : nhrp_auth_place(rx->t, &rx->frame->from);
}

bool nhrp_auth_as_from(const struct nhrp_rx *rx, const struct nhrp_hub *hub)
{
	const struct nhrp_tunnel *t = rx->t;

	return !nhrp_auth_is_clear(rx) &&
	       nhrp_auth_alike(&t->cfg, nhrp_hub_at(t, &rx->frame->from), &t->cfg, hub);
}

bool nhrp_auth_answers(const struct nhrp_rx *rx, const struct nhrp_peer_key *peer)
{
	return nhrp_auth_is_clear(rx) ? clear_for(rx->t, peer) == rx->identity :
					nhrp_auth_as_from(rx, nhrp_hub_at(rx->t, peer));
}

bool nhrp_auth_reaches(const struct nhrp_rx *rx, struct nhrp_tunnel *t,
		       const struct nhrp_peer_key *peer)
{
	return nhrp_auth_mode_rx(rx) >= nhrp_auth_mode_at(t, peer);
}

/* The most that is required of a hub that has the address @proto in the tunnel. */
static enum nhrp_auth_mode hub_mode(const struct nhrp_tunnel *t, const struct nhrp_addr *proto)
{
	enum nhrp_auth_mode mode, most = NHRP_AUTH_NONE;
	const struct nhrp_reg *reg;

	for (reg = t->regs; reg; reg = reg->next) {
		mode = nhrp_auth_mode_of(&t->cfg, &reg->hub);
		if (reg->hub.has_proto && mode > most && nhrp_addr_eq(&reg->hub.proto, proto))
			most = mode;
	}
	return most;
}

bool nhrp_auth_may_be(const struct nhrp_rx *rx, const struct nhrp_addr *proto)
{
	return nhrp_auth_mode_rx(rx) >= hub_mode(rx->t, proto);
}

static const struct nhrp_hub *hub_of(const struct nhrp_tunnel_config *cfg,
				     const struct nhrp_reg *reg)
{
	unsigned int i;

	for (i = 0; i < cfg->nr_hubs; i++)
		if (nhrp_hub_is(&cfg->hubs[i], reg->hub.name, &reg->hub.peer))
			return &cfg->hubs[i];
	return NULL;
}

static u16 signs_with(const struct nhrp_tunnel_config *cfg, const struct nhrp_hub *hub)
{
	return hub && hub->key_ids[0] ? hub->key_ids[0] : cfg->key_id;
}

bool nhrp_auth_moved(const struct nhrp_reg *reg, const struct nhrp_tunnel_config *old)
{
	const struct nhrp_tunnel_config *cfg = &reg->t->cfg;
	const struct nhrp_hub *now = hub_of(cfg, reg), *then = hub_of(old, reg);
	enum nhrp_auth_mode mode = nhrp_auth_mode_of(cfg, now);

	if (mode != nhrp_auth_mode_of(old, then))
		return true;
	return mode == NHRP_AUTH_HMAC ? signs_with(cfg, now) != signs_with(old, then) :
					!nhrp_auth_alike(cfg, now, old, then);
}
