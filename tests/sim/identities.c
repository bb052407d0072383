// SPDX-License-Identifier: GPL-2.0
/* Networks whose spokes have keys of their own: see identities.h */
#include <stdio.h>
#include <string.h>

#include "nhrp/packet-ext.h"
#include "forged.h"
#include "identities.h"

void set_key(struct nhrp_key *key, u16 id)
{
	memset(key, 0, sizeof(*key));
	key->id = id;
	key->secret.len = (u8)snprintf((char *)key->secret.octet, NHRP_SECRET_MAX,
				       "secret of the key %u", id);
}

static void begin_hmac(struct nhrp_tunnel_config *cfg)
{
	cfg->auth = NHRP_AUTH_HMAC;
	cfg->key_id = GROUP_KEY;
	cfg->nr_keys = 1;
	set_key(&cfg->keys[0], GROUP_KEY);
}

void identities_build(struct sim_net *net, u64 seed, unsigned int spokes)
{
	char name[NHRP_IDENTITY_NAME_MAX];
	struct nhrp_identity *identity;
	unsigned int i;

	net_build(net, seed, spokes, 3);
	begin_hmac(&net->hub->cfg);
	for (i = 0; i < spokes; i++) {
		struct nhrp_tunnel_config *cfg = &net->spoke[i]->cfg;

		begin_hmac(cfg);
		set_key(&cfg->keys[cfg->nr_keys++], SPOKE_KEY(i));
		cfg->hubs[0].key_ids[0] = SPOKE_KEY(i);
		snprintf(name, sizeof(name), "spoke%u", i + 1);
		identity = nhrp_identities_add(&net->hub->cfg.identities, name);
		assert_non_null(identity);
		identity->max_addresses = NHRP_IDENTITY_ADDRESSES_DEFAULT;
		identity->nr_keys = 1;
		set_key(&identity->keys[0], SPOKE_KEY(i));
	}
}

void identities_free(struct sim_net *net)
{
	nhrp_identities_free(net->hub->cfg.identities);
	net_free(net);
}

struct nhrp_identity *identity_of(struct sim_net *net, unsigned int i)
{
	return &net->hub->cfg.identities->identity[i];
}

void may_claim(struct sim_net *net, unsigned int i, const char *prefix)
{
	struct nhrp_prefixes *claim = &identity_of(net, i)->claim;

	claim->prefix[claim->nr++] = sim_prefix(prefix);
}

struct lookup {
	struct nhrp_addr proto;
	struct nhrp_binding_info found;
};

static void look_up(void *arg, const struct nhrp_binding_info *info)
{
	struct lookup *l = arg;

	if (nhrp_addr_eq(&info->proto, &l->proto))
		l->found = *info;
}

struct nhrp_binding_info binding_of(struct sim_net *net, const char *proto)
{
	struct lookup l = { .proto = sim_addr(proto) };

	nhrp_tunnel_walk_bindings(net->hub->tunnel, net->sim->now, look_up, &l);
	return l.found;
}

void assert_owner(struct sim_net *net, const char *proto, const char *name)
{
	struct nhrp_binding_info info = binding_of(net, proto);

	assert_int_not_equal(info.proto.family, 0);
	assert_string_equal(info.identity, name);
}

void send_signed(struct sim_node *to, const char *from, struct nhrp_msg *msg, u16 key_id,
		 const char *hop)
{
	/* Newer than all that the nodes sign themselves. */
	static u32 counter;
	struct nhrp_dvpn d = { .role = NHRP_DVPN_REQUEST, .epoch = UINT32_MAX };
	struct nhrp_addr addr = sim_addr(hop);
	u8 pkt[NHRP_PKT_MAX];
	struct nhrp_key key;
	int len;

	set_key(&key, key_id);
	d.counter = ++counter;
	assert_int_equal(nhrp_msg_set_dvpn(msg, &d), 0);
	assert_int_equal(nhrp_msg_add_auth_hmac(msg, key_id, &addr,
						&to->cfg.locals[0].addr), 0);
	len = nhrp_encode(msg, pkt, sizeof(pkt));
	assert_true(len > 0);
	nhrp_pkt_sign(pkt, len, key.secret.octet, key.secret.len);
	sim_forge(to, from, pkt, len);
	sim_run(to->sim, 100);
}

void claim_with(struct sim_net *net, u16 key_id, const char *proto, const char *nbma,
		u16 hold_s)
{
	struct nhrp_msg msg;

	forged_request(&msg, NHRP_REGISTRATION_REQUEST, nbma, proto, "192.168.111.1");
	msg.flags |= NHRP_FLAG_REG_UNIQUE;
	msg.cies.cie[0].holding_time = hold_s;
	send_signed(net->hub, nbma, &msg, key_id, proto);
}
