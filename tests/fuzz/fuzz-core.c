// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing target: the protocol core of a hub and two spokes with a shortcut.
 *
 * The input is a list of events, each an octet that says what, and its data:
 * NHRP packets with their size and checksum made right, from the hub, from the
 * other spoke or from a stranger, time, hints of the kernel, damage to the
 * kernel's table followed by a restart. The simulator ends the program if the
 * table holds what it never may.
 *
 * If the first octet is 0xff the three sign with a key, and so are the packets of the
 * input: what is tried is what somebody with the key, or its damaged memory, may send.
 */
#include <stdlib.h>
#include <string.h>

#include "../sim/sim.h"
#include "fuzz.h"
#include "nhrp/packet-ext.h"
#include "nhrp/packet.h"

#define EVENTS_MAX	64
#define HMAC		0xff
#define HMAC_TAIL	36	/* HMAC and END */

static const struct nhrp_key key = {
	.id = 300, .secret = { 16, "0123456789abcdef" },
};

struct input {
	const u8 *p;
	size_t left;
};

static u8 octet(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

static struct sim_node *node(struct sim_net *net, struct input *in)
{
	return net->sim->nodes[octet(in) % 3];
}

static void frame(struct sim_net *net, struct input *in)
{
	static const char * const from[] = {
		"192.168.50.1", "192.168.50.2", "192.168.50.3", "203.0.113.66",
	};
	struct sim_node *to = node(net, in);
	const char *source = from[octet(in) % 4];
	size_t len = (size_t)octet(in) << 8 | octet(in);
	u8 pkt[NHRP_PKT_MAX + 64];
	u16 sum;

	if (len > in->left)
		len = in->left;
	if (len > sizeof(pkt))
		len = sizeof(pkt);
	memcpy(pkt, in->p, len);
	in->p += len;
	in->left -= len;
	if (len >= NHRP_MIN_LEN) {
		pkt[10] = (u8)(len >> 8);
		pkt[11] = (u8)len;
		pkt[12] = 0;
		pkt[13] = 0;
		sum = nhrp_checksum(pkt, len);
		pkt[12] = (u8)(sum >> 8);
		pkt[13] = (u8)sum;
	}
	if (to->cfg.auth == NHRP_AUTH_HMAC &&
	    len >= NHRP_MIN_LEN + HMAC_TAIL)
		nhrp_pkt_sign(pkt, len, key.secret.octet, key.secret.len);
	sim_forge(to, source, pkt, len);
}

static void take_addr(struct input *in, struct nhrp_addr *a)
{
	u8 b[NHRP_ADDR_MAX_LEN];
	unsigned int i;
	bool six = octet(in) & 1;

	for (i = 0; i < sizeof(b); i++)
		b[i] = i < 4 || six ? octet(in) : 0;
	nhrp_addr_set(a, six ? AF_INET6 : AF_INET, b);
}

static void miss(struct sim_net *net, struct input *in)
{
	struct sim_node *n = node(net, in);
	struct nhrp_addr a;

	take_addr(in, &a);
	nhrp_tunnel_miss(n->tunnel, &a, net->sim->now);
}

static void redirect(struct sim_net *net, struct input *in)
{
	struct sim_node *n = node(net, in);
	struct nhrp_redirect r = { .has_ingress = octet(in) & 1 };

	take_addr(in, &r.src);
	take_addr(in, &r.dst);
	take_addr(in, &r.ingress.nbma);
	r.packet = in->p;
	r.len = in->left < 64 ? in->left : 64;
	nhrp_tunnel_redirect(n->tunnel, &r, net->sim->now);
}

static void unknown_peer(struct sim_net *net, struct input *in)
{
	struct sim_node *n = node(net, in);
	struct nhrp_peer_key key = { 0 };

	take_addr(in, &key.nbma);
	nhrp_tunnel_unknown_peer(n->tunnel, &key, octet(in), net->sim->now);
}

/* The agent dies, its table is damaged, the next one takes over. */
static void damage(struct sim_net *net, struct input *in)
{
	struct sim_node *n = node(net, in);
	struct sim_map *maps = n->maps.entries;
	struct sim_peer *peers = n->peers.entries;
	unsigned int i, flips = octet(in) % 8;

	sim_agent_kill(n);
	for (i = 0; i < flips && n->maps.nr && n->peers.nr; i++) {
		struct sim_map *m = &maps[octet(in) % n->maps.nr];
		struct sim_peer *p = &peers[octet(in) % n->peers.nr];

		m->map.cookie[octet(in) % NHRP_COOKIE_MAX] ^= octet(in);
		p->peer.cookie[octet(in) % NHRP_COOKIE_MAX] ^= octet(in);
	}
	sim_agent_start(n);
}

static void use_hmac(struct nhrp_tunnel_config *cfg)
{
	cfg->auth = NHRP_AUTH_HMAC;
	cfg->key_id = key.id;
	cfg->keys[0] = key;
	cfg->nr_keys = 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { .p = data, .left = size };
	struct sim_net net;
	unsigned int i;

	net_build(&net, 1, 2, 3);
	if (size && data[0] == HMAC) {
		octet(&in);
		for (i = 0; i < 3; i++)
			use_hmac(&net.sim->nodes[i]->cfg);
	}
	net_start(&net);
	sim_run(net.sim, 500);
	net_ping_for(&net, net.spoke[0], net.spoke[1], 200, 50);
	for (i = 0; in.left && i < EVENTS_MAX; i++) {
		switch (octet(&in) % 6) {
		case 0:
			frame(&net, &in);
			break;
		case 1:
			sim_run(net.sim, (u64)octet(&in) * octet(&in) + 10);
			break;
		case 2:
			miss(&net, &in);
			break;
		case 3:
			redirect(&net, &in);
			break;
		case 4:
			unknown_peer(&net, &in);
			break;
		case 5:
			damage(&net, &in);
			break;
		}
		sim_run(net.sim, 20);
	}
	sim_run(net.sim, 1000);
	net_free(&net);
	return 0;
}
