// SPDX-License-Identifier: GPL-2.0
/* The network between the nodes: who has which address, loss, NATs. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static void enqueue(struct sim *sim, struct sim_packet *p)
{
	p->at = sim->now + sim->delay_ms;
	if (sim->jitter_ms)
		p->at += sim_rand(sim) % (sim->jitter_ms + 1);
	p->seq = ++sim->seq;
	sim_heap_push(sim, p);
}

struct sim_packet *sim_packet_new(const void *data, size_t len)
{
	struct sim_packet *p = calloc(1, sizeof(*p) + len);

	p->len = len;
	if (len)
		memcpy(p->data, data, len);
	return p;
}

/* Where others see @n, without what a NAT does to ports; a NAT is an IPv4 thing. */
static struct nhrp_peer_key public_key(const struct sim_node *n, bool six)
{
	struct nhrp_peer_key key = { .nbma = n->cfg.nbma[six] };

	if (!six && n->nat)
		key.nbma = n->nat->outside;
	else if (!six && n->outside.len)
		key.nbma = n->outside;
	if (n->cfg.encap == NHRP_ENCAP_UDP) {
		key.encap = NHRP_ENCAP_UDP;
		key.port = n->cfg.port;
	}
	return key;
}

static struct sim_node **chain(struct sim *sim, const struct nhrp_peer_key *key)
{
	/* Each family has chains of its own: a node is in one of each. */
	u32 i = 2 * (sim_key_hash(key) & (sim->nr_by_addr - 1));

	return &sim->by_addr[i + (key->nbma.family == AF_INET6)];
}

static void remember(struct sim *sim, const struct sim_node *n,
		     const struct nhrp_peer_key *key)
{
	/* A power of two: room for twice as many. */
	if (!(sim->nr_past & (sim->nr_past - 1)))
		sim->past = realloc(sim->past, (2 * sim->nr_past + 1) *
				    sizeof(*sim->past));
	sim->past[sim->nr_past++] = (struct sim_past){
		.node = n,
		.key = *key,
		.until = sim->now,
	};
}

static bool node_changed(struct sim *sim, struct sim_node *n)
{
	bool changed = false;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct nhrp_peer_key key = { 0 };

		if (n->up && n->cfg.nbma[i].len)
			key = public_key(n, i);
		if (sim_key_eq(&key, &n->known[i]))
			continue;
		if (n->known[i].nbma.len)
			remember(sim, n, &n->known[i]);
		n->known[i] = key;
		changed = true;
	}
	return changed;
}

/* Finds nodes that have other addresses than last time. */
void sim_address_nodes(struct sim *sim)
{
	bool changed = !sim->nr_by_addr;
	unsigned int i;

	for (i = 0; i < sim->nr_nodes; i++)
		changed |= node_changed(sim, sim->nodes[i]);
	if (!changed)
		return;
	for (sim->nr_by_addr = 16; sim->nr_by_addr < sim->nr_nodes;)
		sim->nr_by_addr *= 2;
	free(sim->by_addr);
	sim->by_addr = calloc(2 * sim->nr_by_addr, sizeof(struct sim_node *));
	/* Backwards: of two at one address the older comes first. */
	for (i = 2 * sim->nr_nodes; i-- > 0;) {
		struct sim_node *n = sim->nodes[i / 2], **head;

		/* Behind a NAT, the NAT is asked. */
		if (!n->known[i % 2].nbma.len || (n->nat && !(i % 2)))
			continue;
		head = chain(sim, &n->known[i % 2]);
		n->addr_next[i % 2] = *head;
		*head = n;
	}
}

static bool has_key(const struct sim_node *n, const struct nhrp_peer_key *key)
{
	const struct nhrp_peer_key *k =
		&n->known[key->nbma.family == AF_INET6];

	return nhrp_addr_eq(&k->nbma, &key->nbma) && k->port == key->port;
}

/* The next node behind @after, NULL: the first, that has this address. */
struct sim_node *sim_node_at(struct sim *sim, const struct nhrp_peer_key *key,
			     const struct sim_node *after)
{
	bool six = key->nbma.family == AF_INET6;
	struct sim_node *n;

	n = after ? after->addr_next[six] :
		    sim->nr_by_addr ? *chain(sim, key) : NULL;
	while (n && !has_key(n, key))
		n = n->addr_next[six];
	return n;
}

void sim_link_loss(struct sim *sim, const struct sim_node *a,
		   const struct sim_node *b, unsigned int loss)
{
	sim->links = realloc(sim->links, (sim->nr_links + 1) *
			     sizeof(*sim->links));
	sim->links[sim->nr_links++] = (struct sim_link){
		.a = a,
		.b = b,
		.loss = loss,
	};
}

void sim_links_heal(struct sim *sim)
{
	sim->nr_links = 0;
}

static bool link_loses(struct sim *sim, const struct sim_node *a,
		       const struct sim_node *b)
{
	unsigned int i;

	for (i = 0; a && i < sim->nr_links; i++) {
		const struct sim_link *l = &sim->links[i];

		if (((l->a == a && (!l->b || l->b == b)) ||
		     (l->a == b && (!l->b || l->b == a))) &&
		    sim_rand(sim) % 1000 < l->loss)
			return true;
	}
	return false;
}

struct sim_nat *sim_nat_add(struct sim *sim, const char *outside,
			    bool symmetric)
{
	struct sim_nat *nat = calloc(1, sizeof(*nat));

	nat->outside = sim_addr(outside);
	nat->symmetric = symmetric;
	nat->next_port = 20000;
	nat->next = sim->nats;
	sim->nats = nat;
	return nat;
}

/* As after a reboot of it: every flow gets another port. */
void sim_nat_rebind(struct sim_nat *nat)
{
	nat->nr = 0;
}

/* Return: NULL if it has no way out: without ports the first has it all. */
static const struct sim_binding *nat_out(struct sim_nat *nat, struct sim_node *n,
					 const struct nhrp_peer_key *to)
{
	bool udp = n->cfg.encap == NHRP_ENCAP_UDP;
	struct sim_binding *b;
	unsigned int i;

	for (i = 0; i < nat->nr; i++) {
		b = &nat->table[i];
		if (b->node == n && (!nat->symmetric ||
				     sim_key_eq(&b->peer, to)))
			return b;
		if (!udp && !b->port && nhrp_addr_eq(&b->peer.nbma, &to->nbma))
			return NULL;
	}
	if (nat->nr == SIM_NAT_MAX)
		return NULL;
	b = &nat->table[nat->nr++];
	b->node = n;
	b->peer = *to;
	b->port = udp ? nat->next_port++ : 0;
	return b;
}

static struct sim_node *nat_in(struct sim_nat *nat, const struct sim_packet *p)
{
	unsigned int i;

	for (i = 0; i < nat->nr; i++) {
		const struct sim_binding *b = &nat->table[i];

		if (b->port == p->to_port &&
		    (!nat->symmetric || sim_key_eq(&b->peer, &p->from)))
			return b->node;
	}
	return NULL;
}

/* What became of a frame that could not be sent. */
static void tell(struct sim_node *n, u64 cookie)
{
	struct sim_packet *p = sim_packet_new(NULL, 0);

	p->at = n->sim->now;
	p->seq = ++n->sim->seq;
	p->sender = n;
	p->result = n->tx_error;
	p->cookie = cookie;
	sim_heap_push(n->sim, p);
}

/* Return: false if it does not get out of the sender's site. */
static bool address(struct sim_node *n, struct sim_packet *p,
		    const struct nhrp_peer_key *to)
{
	const struct sim_binding *b;

	p->sender = n;
	p->to = to->nbma;
	p->to_port = to->port;
	p->from = public_key(n, to->nbma.family == AF_INET6);
	if (!n->nat || to->nbma.family == AF_INET6)
		return true;
	b = nat_out(n->nat, n, to);
	if (b)
		p->from.port = b->port;
	return b;
}

static bool has_tx_error(const struct sim_node *n, const struct nhrp_peer_key *to)
{
	bool six = to->nbma.family == AF_INET6;

	return n->tx_error &&
	       (!n->tx_error_to ||
		nhrp_addr_eq(&n->tx_error_to->cfg.nbma[six], &to->nbma));
}

/* The outer packet: @inner is a data packet that is copied. */
void sim_send(struct sim_node *n, const struct nhrp_peer_key *to, bool frame,
	      const void *data, size_t len, const struct sim_packet *inner,
	      u64 cookie)
{
	struct sim *sim = n->sim;
	unsigned int copies;

	n->frames += frame;
	if (frame && has_tx_error(n, to)) {
		tell(n, cookie);
		return;
	}
	copies = sim_rand(sim) % 1000 < sim->dup ? 2 : 1;
	while (copies--) {
		struct sim_packet *p = sim_packet_new(data, len);

		if (inner) {
			p->src = inner->src;
			p->dst = inner->dst;
			p->ttl = inner->ttl;
		}
		p->frame = frame;
		if (!address(n, p, to) || !n->up ||
		    sim_rand(sim) % 1000 < sim->loss ||
		    (sim->drop && sim->drop(sim, p))) {
			free(p);
			continue;
		}
		enqueue(sim, p);
	}
}

/* An NHRP packet from nowhere. */
void sim_forge(struct sim_node *to, const char *from, const void *data,
	       size_t len)
{
	struct sim_packet *p = sim_packet_new(data, len);

	p->frame = true;
	p->from.nbma = sim_addr(from);
	p->to = to->cfg.nbma[0];
	enqueue(to->sim, p);
}

static void arrive(struct sim *sim, struct sim_node *n,
		   const struct sim_packet *p)
{
	if (!n->up || link_loses(sim, p->sender, n))
		return;
	sim_kernel_rx(n, p);
	sim_touch(n);
}

void sim_deliver(struct sim *sim, struct sim_packet *p)
{
	struct nhrp_peer_key to = { .nbma = p->to, .port = p->to_port };
	struct sim_node *n = NULL;
	struct sim_nat *nat;

	if (p->result) {
		if (sim_listens(p->sender))
			nhrp_tunnel_tx_result(p->sender->tunnel, p->cookie,
					      p->result, sim->now);
		sim_touch(p->sender);
	} else {
		while ((n = sim_node_at(sim, &to, n)))
			arrive(sim, n, p);
	}
	for (nat = p->result ? NULL : sim->nats; nat; nat = nat->next) {
		if (!nhrp_addr_eq(&nat->outside, &p->to))
			continue;
		n = nat_in(nat, p);
		if (n)
			arrive(sim, n, p);
	}
	free(p);
}
