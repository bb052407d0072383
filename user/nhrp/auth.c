// SPDX-License-Identifier: GPL-2.0
/*
 * Authentication, hop by hop (RFC 2332 5.3.4): what comes in is checked and
 * stripped, what goes out is signed anew, so nothing is ever forwarded with
 * somebody else's.
 *
 * What is configured is required of every message; there is no fallback (for whom what is:
 * auth_mode.c). But an
 * Error Indication carries no extensions (RFC 2332 5.2.7), and the hint "I do not
 * know you" may not be longer than the packet that caused it: an HMAC has no place
 * there. Neither is believed: both can only make us ask again, seldom.
 *
 * Members may have one key, so an HMAC names the hop that it is for, too: what was sent
 * to one of them is nothing to any other. By its protocol address, as a NAT may change
 * all others. Who does not know that of a hub yet cannot name it: such a registration
 * is answered with the address and makes nothing else.
 *
 * Who has a key of its own signs with it for its hub, and the hub for it: it is known to
 * these two only. Nobody speaks from where a hub is but with a key of that hub.
 *
 * An identity may have a password in place of a key. Then a message with a password, from
 * where no hub is, is compared with those of all such identities and none else: it says
 * what old routers say, and may be sent again by whoever has seen it.
 */
#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/binding.h"
#include "nhrp/internal.h"
#include "nhrp/message.h"
#include "nhrp/nhc.h"
#include "nhrp/nhs.h"
#include "nhrp/owner.h"
#include "nhrp/packet-ext.h"
#include "nhrp/remote.h"

bool nhrp_auth_has_no_place(const struct nhrp_rx *rx)
{
	return nhrp_auth_place(rx->t, &rx->frame->from) == NHRP_AUTH_HMAC &&
	       (rx->msg->type == NHRP_ERROR_INDICATION ||
		nhrp_msg_is_hint(rx->msg));
}

const struct nhrp_key *nhrp_auth_key(const struct nhrp_tunnel *t, u16 id,
				     struct nhrp_identity **identity)
{
	const struct nhrp_key *key = NULL;
	unsigned int i;

	*identity = nhrp_identity_by_key(t->cfg.identities, id, &key);
	for (i = 0; i < t->cfg.nr_keys && !key; i++)
		if (t->cfg.keys[i].id == id)
			key = &t->cfg.keys[i];
	return key;
}

/* A life begins: what we sign is newer than all that we ever signed. */
void nhrp_auth_begin(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_env *env = &t->core->env;

	t->epoch = nhrp_auth_signs(&t->cfg) ? env->epoch(env->ctx) :
					      env->rand32(env->ctx);
	t->epoch_at = now;
	t->counter = 0;
}

/*
 * Who is refused as old because the one has forgotten too much, or because our clock was
 * behind, is not told so: what it signs in a new epoch may be new enough.
 */
void nhrp_auth_not_heard(struct nhrp_tunnel *t, u64 after_ms, u64 now)
{
	if (nhrp_auth_signs(&t->cfg) && now >= t->epoch_at + after_ms)
		nhrp_auth_begin(t, now);
}

static bool has_come(const struct nhrp_tunnel *t,
		     const struct nhrp_tunnel_config *old)
{
	unsigned int i;

	for (i = 0; i < t->cfg.nr_locals; i++)
		if (!nhrp_has_local(old, &t->cfg.locals[i].addr))
			return true;
	return false;
}

static bool same_secrets(const struct nhrp_tunnel_config *a,
			 const struct nhrp_tunnel_config *b)
{
	return a->auth == b->auth && a->identities == b->identities &&
	       a->nr_keys == b->nr_keys && a->nr_hubs == b->nr_hubs &&
	       !memcmp(a->keys, b->keys, a->nr_keys * sizeof(*a->keys)) &&
	       !memcmp(a->hubs, b->hubs, a->nr_hubs * sizeof(*a->hubs)) &&
	       !memcmp(a->password, b->password, sizeof(a->password));
}

/* Can nobody have sent it any more? */
static bool is_void(struct nhrp_tunnel *t, const struct nhrp_frame *frame)
{
	struct nhrp_msg msg;
	struct nhrp_rx rx = { .t = t, .frame = frame, .msg = &msg };

	return nhrp_decode(frame->data, frame->len, &msg, NULL) || !nhrp_auth_recall(&rx);
}

/* What waits was good by what was configured when it came. */
static void drop_claims(struct nhrp_tunnel *t, u64 now)
{
	struct nhrp_node *n, *tmp;

	nhrp_table_for_each(n, tmp, &t->bindings) {
		struct nhrp_binding *b = container_of(n, struct nhrp_binding,
						      node);
		const struct nhrp_verify *v = b->verify;

		if (v && is_void(t, &v->frame))
			nhrp_verify_free(b);
	}
	nhrp_table_for_each(n, tmp, &t->remotes) {
		struct nhrp_remote *r = container_of(n, struct nhrp_remote,
						     node);

		if (r->claim.data && is_void(t, &r->claim))
			nhrp_remote_unclaim(r, now);
	}
}

/*
 * An address that has come may have been another node's, which signed with it in a
 * life that began after ours.
 */
void nhrp_auth_changed(struct nhrp_tunnel *t,
		       const struct nhrp_tunnel_config *old, u64 now)
{
	bool hmac = nhrp_auth_signs(&t->cfg);

	if (hmac && (!nhrp_auth_signs(old) || has_come(t, old)))
		nhrp_auth_begin(t, now);
	if (!same_secrets(&t->cfg, old))
		drop_claims(t, now);
	/* Those that are kept go with the same keys of others. */
	if (!t->cfg.identities || t->cfg.identities != old->identities)
		nhrp_replay_changed(t, old->identities);
	if (!hmac)
		nhrp_replay_forget(t);
}

/* Counters are used once in an epoch. */
static u32 next_counter(struct nhrp_tunnel *t)
{
	if (t->counter == UINT32_MAX)
		nhrp_auth_begin(t, t->core->now_ms);
	return ++t->counter;
}

/* Of our vendor extension; with HMACs it is set when the message is signed. */
u32 nhrp_auth_counter(struct nhrp_tunnel *t, const struct nhrp_peer_key *to)
{
	return nhrp_auth_mode_at(t, to) == NHRP_AUTH_HMAC ? 0 : next_counter(t);
}

static bool is_for_us(const struct nhrp_rx *rx,
		      const struct nhrp_addr *receiver)
{
	return nhrp_addr_is_any(receiver) ?
	       rx->msg->type == NHRP_REGISTRATION_REQUEST :
	       nhrp_is_local(rx->t, receiver);
}

static bool has_id(const struct nhrp_hub *hub, u16 id)
{
	unsigned int i;

	for (i = 0; i < NHRP_HUB_KEYS_MAX; i++)
		if (hub->key_ids[i] == id)
			return true;
	return false;
}

/*
 * Anybody can send as if from where a hub is. One member's key says nothing for it,
 * and if it has keys of its own no other does.
 */
static bool may_come_from(const struct nhrp_rx *rx)
{
	const struct nhrp_hub *hub = nhrp_hub_at(rx->t, &rx->frame->from);

	if (!hub)
		return true;
	return hub->key_ids[0] ? has_id(hub, rx->key_id) : !rx->identity;
}

/* Who signed it; @hop: as whom, @receiver: for whom. */
static enum nhrp_counter check_signer(struct nhrp_rx *rx, struct nhrp_addr *hop,
				      struct nhrp_addr *receiver)
{
	const struct nhrp_key *key;

	if (nhrp_msg_get_auth_hmac(rx->msg, &rx->key_id, hop, receiver))
		return NHRP_C_DROP_AUTH;
	key = nhrp_auth_key(rx->t, rx->key_id, &rx->identity);
	if (!key)
		return NHRP_C_DROP_KEY;
	if (!nhrp_pkt_signed(rx->frame->data, key->secret.octet, key->secret.len))
		return NHRP_C_DROP_AUTH;
	return nhrp_auth_sa(rx);
}

static enum nhrp_counter check_hmac(struct nhrp_rx *rx)
{
	struct nhrp_tunnel *t = rx->t;
	struct nhrp_addr hop, receiver;
	enum nhrp_counter why;
	struct nhrp_dvpn d;

	if (nhrp_msg_get_dvpn(rx->msg, &d))
		return NHRP_C_DROP_AUTH;
	why = check_signer(rx, &hop, &receiver);
	if (why != NHRP_C_NONE)
		return why;
	/* Our own comes back. */
	if (nhrp_is_local(t, &hop))
		return NHRP_C_DROP_REPLAY;
	if (!is_for_us(rx, &receiver))
		return NHRP_C_DROP_NOT_OURS;
	if (!may_come_from(rx))
		return NHRP_C_DROP_IDENTITY;
	return nhrp_replay_check(t, rx->key_id, &hop, d.epoch, d.counter);
}

/*
 * Only a spoke's messages, from where nobody else is registered, and of what it asks only
 * what is its own. Whose addresses it registers is looked at there, so that it is told.
 */
static enum nhrp_counter check_clear_spoke(const struct nhrp_rx *rx)
{
	bool asks = false;

	switch (rx->msg->type) {
	case NHRP_REGISTRATION_REQUEST:
		return NHRP_C_NONE;
	case NHRP_RESOLUTION_REQUEST:
	case NHRP_PURGE_REQUEST:
		asks = true;
		break;
	case NHRP_RESOLUTION_REPLY:
	case NHRP_PURGE_REPLY:
		break;
	default:
		return NHRP_C_DROP_WEAKER;
	}
	if (nhrp_auth_clear_at(rx->t, &rx->frame->from) != rx->identity)
		return NHRP_C_DROP_UNREGISTERED;
	return asks && !nhrp_owner_may_bring(rx, &rx->msg->src_proto) ?
	       NHRP_C_DROP_POLICY_CLAIM : NHRP_C_NONE;
}

/* Who says a password where others sign. It is no hub, and not where one is. */
static enum nhrp_counter check_clear(struct nhrp_rx *rx, const struct nhrp_auth *auth)
{
	enum nhrp_counter why;

	rx->identity = nhrp_identity_by_password(rx->t->cfg.identities, auth->data, auth->len);
	if (!rx->identity)
		return NHRP_C_DROP_AUTH;
	why = nhrp_auth_sa(rx);
	return why == NHRP_C_NONE ? check_clear_spoke(rx) : why;
}

static bool says_password(const struct nhrp_rx *rx, struct nhrp_auth *auth)
{
	return nhrp_auth_has_clear(rx->t) && rx->t->cfg.nhs &&
	       !nhrp_msg_get_auth(rx->msg, auth) && auth->spi == NHRP_AUTH_SPI_CISCO &&
	       !nhrp_hub_at(rx->t, &rx->frame->from);
}

static enum nhrp_counter check(struct nhrp_rx *rx)
{
	enum nhrp_auth_mode mode = nhrp_auth_place(rx->t, &rx->frame->from);
	struct nhrp_auth auth;

	if (mode == NHRP_AUTH_NONE)
		return nhrp_auth_sa(rx);
	if (mode == NHRP_AUTH_HMAC && nhrp_msg_is_hint(rx->msg))
		return NHRP_C_NONE;
	if (mode == NHRP_AUTH_HMAC)
		return says_password(rx, &auth) ? check_clear(rx, &auth) : check_hmac(rx);
	return !nhrp_msg_get_auth(rx->msg, &auth) &&
	       nhrp_auth_cisco_ok(&auth, nhrp_auth_password_at(rx->t, &rx->frame->from)) ?
	       nhrp_auth_sa(rx) : NHRP_C_DROP_AUTH;
}

enum nhrp_counter nhrp_auth_check(struct nhrp_rx *rx)
{
	const struct nhrp_msg *msg = rx->msg;
	enum nhrp_counter why;

	if (msg->type == NHRP_ERROR_INDICATION)
		return NHRP_C_NONE;
	why = check(rx);
	/* From where one hub is somebody may speak as another one, which has to prove more. */
	if (why == NHRP_C_NONE && !nhrp_type_is_reply(msg->type) &&
	    !nhrp_auth_may_be(rx, &msg->src_proto))
		why = NHRP_C_DROP_WEAKER;
	return why;
}

/* It is not new any more, and where hubs are does not change what it asks for. */
bool nhrp_auth_recall(struct nhrp_rx *rx)
{
	bool hmac = nhrp_auth_place(rx->t, &rx->frame->from) == NHRP_AUTH_HMAC;
	struct nhrp_addr hop, receiver;
	struct nhrp_auth auth;
	enum nhrp_counter why = hmac && !says_password(rx, &auth) ?
				check_signer(rx, &hop, &receiver) :
				nhrp_auth_check(rx);

	if (why != NHRP_C_NONE)
		nhrp_count(rx->t, why);
	return why == NHRP_C_NONE;
}

/* The address that we sign a message with: the one it is about, if that is ours. */
static const struct nhrp_addr *own_hop(const struct nhrp_tunnel *t,
				       const struct nhrp_msg *msg)
{
	const struct nhrp_prefix *near;

	if (nhrp_is_local(t, &msg->src_proto))
		return &msg->src_proto;
	if (nhrp_is_local(t, &msg->dst_proto))
		return &msg->dst_proto;
	near = nhrp_local_for(t, &msg->src_proto, msg->proto_family);
	return near ? &near->addr : NULL;
}

bool nhrp_auth_names_nobody(const struct nhrp_rx *rx)
{
	struct nhrp_addr hop, receiver;
	u16 id;

	return nhrp_auth_mode_rx(rx) == NHRP_AUTH_HMAC &&
	       !nhrp_msg_get_auth_hmac(rx->msg, &id, &hop, &receiver) &&
	       nhrp_addr_is_any(&receiver);
}

void nhrp_auth_reply(const struct nhrp_rx *rx, struct nhrp_msg *reply)
{
	struct nhrp_addr own;

	if (nhrp_auth_is_clear(rx))
		memcpy(reply->password, rx->identity->password, sizeof(reply->password));
	if (nhrp_auth_mode_rx(rx) == NHRP_AUTH_HMAC)
		nhrp_msg_get_auth_hmac(rx->msg, &reply->key_id, &reply->receiver,
				       &own);
}

/* Nothing but a registration, which names it itself, is for one that is only tried. */
static const struct nhrp_addr *hub_at(const struct nhrp_tunnel *t,
				      const struct nhrp_peer_key *to, u8 family)
{
	const struct nhrp_reg *reg;

	for (reg = t->regs; reg; reg = reg->next)
		if (!reg->trial && reg->hub.has_proto &&
		    reg->hub.proto.family == family &&
		    nhrp_same_endpoint(&reg->hub.peer, to))
			return &reg->hub.proto;
	return NULL;
}

/* Who is registered from @to, if need be under another address than @end. */
static const struct nhrp_addr *spoke_at(struct nhrp_tunnel *t,
					const struct nhrp_peer_key *to,
					const struct nhrp_addr *end)
{
	const struct nhrp_locator *l = nhrp_locator_find(t, to);
	const struct nhrp_binding *b = l ? nhrp_binding_find(t, end) : NULL;

	if (l && !(b && b->locator == l))
		b = l->here[end->family == AF_INET6];
	return b ? &b->proto : NULL;
}

static const struct nhrp_addr *static_at(const struct nhrp_tunnel *t,
					 const struct nhrp_peer_key *to,
					 u8 family)
{
	unsigned int i;

	for (i = 0; i < t->cfg.nr_statics; i++)
		if (t->cfg.statics[i].proto.family == family &&
		    nhrp_same_endpoint(&t->cfg.statics[i].peer, to))
			return &t->cfg.statics[i].proto;
	return NULL;
}

/*
 * Whose protocol address is it that @msg goes to next? If nobody else is known to be
 * at @to, it is the end of the way.
 */
static const struct nhrp_addr *next_hop(struct nhrp_tunnel *t,
					const struct nhrp_msg *msg,
					const struct nhrp_peer_key *to)
{
	const struct nhrp_addr *end = nhrp_type_is_reply(msg->type) ?
				      &msg->src_proto : &msg->dst_proto;
	const struct nhrp_addr *hop;

	if (msg->receiver.family)
		return &msg->receiver;
	if (msg->type == NHRP_REGISTRATION_REQUEST)
		return end;
	hop = hub_at(t, to, msg->proto_family);
	if (!hop)
		hop = spoke_at(t, to, end);
	if (!hop)
		hop = static_at(t, to, msg->proto_family);
	return hop ? hop : end;
}

/* Role and nonce go from end to end, epoch and counter are the signer's. */
static int stamp(struct nhrp_tunnel *t, struct nhrp_msg *msg)
{
	u32 counter = next_counter(t);
	struct nhrp_dvpn d;

	if (nhrp_msg_get_dvpn(msg, &d)) {
		d.role = nhrp_type_is_reply(msg->type) ? NHRP_DVPN_REPLY :
							 NHRP_DVPN_REQUEST;
		d.nonce = 0;
	}
	d.epoch = t->epoch;
	d.counter = counter;
	return nhrp_msg_set_dvpn(msg, &d);
}

static u16 hub_key_id(const struct nhrp_tunnel *t,
		      const struct nhrp_peer_key *to)
{
	const struct nhrp_hub *hub = nhrp_hub_at(t, to);

	return hub ? hub->key_ids[0] : 0;
}

static u16 spoke_key_id(struct nhrp_tunnel *t, const struct nhrp_peer_key *to,
			const struct nhrp_addr *receiver)
{
	const struct nhrp_binding *b = nhrp_binding_find(t, receiver);

	return b && nhrp_key_eq(&b->locator->key, to) ? b->key_id : 0;
}

/* What it answers was signed with the key of whoever is there. */
static const struct nhrp_key *key_for(struct nhrp_tunnel *t,
				      const struct nhrp_msg *msg,
				      const struct nhrp_peer_key *to,
				      const struct nhrp_addr *receiver)
{
	const u16 ids[] = {
		msg->key_id, hub_key_id(t, to), spoke_key_id(t, to, receiver),
		t->cfg.key_id,
	};
	struct nhrp_identity *identity;
	const struct nhrp_key *key = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids) && !key; i++)
		key = ids[i] ? nhrp_auth_key(t, ids[i], &identity) : NULL;
	return key;
}

static int encode_hmac(struct nhrp_tunnel *t, struct nhrp_msg *msg,
		       const struct nhrp_peer_key *to, u8 *pkt, size_t size)
{
	const struct nhrp_addr *hop = own_hop(t, msg);
	const struct nhrp_addr *receiver = next_hop(t, msg, to);
	const struct nhrp_key *key = key_for(t, msg, to, receiver);
	int err, len;

	if (!hop)
		return -EAFNOSUPPORT;
	if (!key)
		return -ENOKEY;
	/* A registration with a hub that we know nothing of is addressed to ourselves. */
	if (nhrp_is_local(t, receiver) || nhrp_addr_is_any(receiver))
		receiver = NULL;
	if (!receiver && msg->type != NHRP_REGISTRATION_REQUEST)
		return -EDESTADDRREQ;
	msg->pad_len = 0;
	err = stamp(t, msg);
	if (!err)
		err = nhrp_msg_add_auth_hmac(msg, key->id, hop, receiver);
	if (err)
		return err;
	len = nhrp_encode(msg, pkt, size);
	if (len > 0)
		nhrp_pkt_sign(pkt, len, key->secret.octet, key->secret.len);
	return len;
}

/* What is answered is answered as it came, whoever else is there. */
static enum nhrp_auth_mode mode_for(struct nhrp_tunnel *t, const struct nhrp_msg *msg,
				    const struct nhrp_peer_key *to)
{
	if (*msg->password)
		return NHRP_AUTH_CISCO;
	return msg->key_id ? NHRP_AUTH_HMAC : nhrp_auth_mode_at(t, to);
}

int nhrp_auth_encode(struct nhrp_tunnel *t, struct nhrp_msg *msg,
		     const struct nhrp_peer_key *to, u8 *pkt, size_t size)
{
	enum nhrp_auth_mode mode = mode_for(t, msg, to);

	nhrp_msg_del_ext(msg, NHRP_EXT_AUTH);
	if (msg->type != NHRP_ERROR_INDICATION) {
		if (mode == NHRP_AUTH_HMAC && !nhrp_msg_is_hint(msg))
			return encode_hmac(t, msg, to, pkt, size);
		if (mode == NHRP_AUTH_CISCO)
			nhrp_msg_add_auth_cisco(msg, *msg->password ? msg->password :
						     nhrp_auth_password_at(t, to));
	}
	return nhrp_encode(msg, pkt, size);
}
