// SPDX-License-Identifier: GPL-2.0
/* Networks that sign: see signed.h */
#include <string.h>

#include "nhrp/auth.h"
#include "nhrp/internal.h"
#include "nhrp/packet-ext.h"
#include "nhrp/packet.h"
#include "signed.h"

struct record records[RECORDS_MAX];
unsigned int nr_records;

void add_key(struct nhrp_tunnel_config *cfg, u16 id, const char *secret)
{
	struct nhrp_key *key = &cfg->keys[cfg->nr_keys++];

	memset(key, 0, sizeof(*key));
	key->id = id;
	key->secret.len = (u8)strlen(secret);
	memcpy(key->secret.octet, secret, key->secret.len);
}

void use_hmac(struct nhrp_tunnel_config *cfg, const char *secret)
{
	cfg->auth = NHRP_AUTH_HMAC;
	cfg->key_id = KEY_ID;
	cfg->nr_keys = 0;
	add_key(cfg, KEY_ID, secret);
}

void signed_build(struct sim_net *net, u64 seed, unsigned int spokes)
{
	unsigned int i;

	net_build(net, seed, spokes, 3);
	for (i = 0; i < net->sim->nr_nodes; i++)
		use_hmac(&net->sim->nodes[i]->cfg, "correct horse battery staple");
}

void forget_hub(struct sim_net *net)
{
	unsigned int i;

	for (i = 0; i < net->nr; i++)
		net->spoke[i]->cfg.hubs[0].has_proto = false;
}

void reconfigure(struct sim_node *n)
{
	assert_int_equal(nhrp_tunnel_reconfigure(n->tunnel, &n->cfg,
						 n->sim->now), 0);
}

void start_recorded(struct sim_net *net, u64 ms)
{
	nr_records = 0;
	net->sim->drop = record_frame;
	net_start(net);
	sim_run(net->sim, ms);
	net->sim->drop = NULL;
}

bool record_frame(struct sim *sim, const struct sim_packet *p)
{
	struct record *r = &records[nr_records];

	(void)sim;
	if (!p->frame || nr_records == RECORDS_MAX)
		return false;
	memcpy(r->data, p->data, p->len);
	r->len = p->len;
	r->from = p->from.nbma;
	r->to = p->to;
	nr_records++;
	return false;
}

bool names_nobody(const struct record *r)
{
	struct nhrp_addr hop, receiver;
	struct nhrp_msg msg;
	u16 id;

	assert_int_equal(nhrp_decode(r->data, r->len, &msg, NULL), 0);
	return !nhrp_msg_get_auth_hmac(&msg, &id, &hop, &receiver) &&
	       nhrp_addr_is_any(&receiver);
}

const struct record *find_record(enum nhrp_type type, const char *from)
{
	struct nhrp_addr addr = sim_addr(from);
	struct nhrp_msg msg;
	unsigned int i;

	for (i = 0; i < nr_records; i++)
		if (!nhrp_decode(records[i].data, records[i].len, &msg, NULL) &&
		    msg.type == type && nhrp_addr_eq(&records[i].from, &addr) &&
		    (type != NHRP_REGISTRATION_REQUEST ||
		     !names_nobody(&records[i])))
			return &records[i];
	fail_msg("no message of type %d from %s", type, from);
	return NULL;
}

void replay(const struct record *r, struct sim_node *to, const char *from)
{
	sim_forge(to, from, r->data, r->len);
	sim_run(to->sim, 100);
}

static void find_locator(void *arg, const struct nhrp_binding_info *info)
{
	struct nhrp_binding_info *wanted = arg;

	if (nhrp_addr_eq(&info->proto, &wanted->proto))
		*wanted = *info;
}

static struct nhrp_addr locator(struct sim_net *net, const char *proto)
{
	struct nhrp_binding_info info = { .proto = sim_addr(proto) };

	nhrp_tunnel_walk_bindings(net->hub->tunnel, net->sim->now, find_locator,
				  &info);
	return info.peer.nbma;
}

void assert_locator(struct sim_net *net, const char *proto, const char *nbma)
{
	struct nhrp_addr got = locator(net, proto), wanted = sim_addr(nbma);

	assert_true(nhrp_addr_eq(&got, &wanted));
}

u64 sum_of(const struct sim_net *net, enum nhrp_counter c)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < net->sim->nr_nodes; i++)
		sum += counter(net->sim->nodes[i], c);
	return sum;
}

size_t nr_replays(const struct sim_node *n)
{
	return n->tunnel->replays.count;
}
