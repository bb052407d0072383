/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A simulator for the protocol core: hubs and spokes in one process on a virtual
 * clock, with a model of the kernel table below each agent and a network that
 * loses, delays, doubles and reorders packets by a seed. Nothing in it depends
 * on anything but that seed: a failing run can be repeated.
 */
#ifndef SIM_H
#define SIM_H

#include <stdio.h>

#include "nhrp/core.h"

#define SIM_NODES_MAX	64
#define SIM_MAPS_MAX	256
#define SIM_PEERS_MAX	256
#define SIM_ROUTES_MAX	80
#define SIM_TTL		64

/**
 * struct sim_map - an entry of the modelled kernel table
 * @map: as the agent set it; expires_ms is not used
 * @used: entry is in use
 * @expires_at: end, 0 never
 * @last_used: when it last carried a packet, 0 never
 */
struct sim_map {
	struct nhrp_map map;
	bool used;
	u64 expires_at;
	u64 last_used;
};

/**
 * struct sim_peer - what the modelled kernel knows of a locator
 * @peer: as the agent set it, or made by a mapping
 * @used: entry is in use
 * @own_expiry: it was set by the agent for its own sake
 * @expires_at: end of that, 0 never
 * @heard: something was received from it
 * @last_rx: when
 */
struct sim_peer {
	struct nhrp_peer peer;
	bool used;
	bool own_expiry;
	u64 expires_at;
	bool heard;
	u64 last_rx;
};

/**
 * struct sim_route - an entry of a node's routing table
 * @prefix: destination
 * @via_tunnel: by the tunnel, else by a LAN or our own address
 * @has_gateway: @gateway is valid
 * @gateway: next hop
 */
struct sim_route {
	struct nhrp_prefix prefix;
	bool via_tunnel;
	bool has_gateway;
	struct nhrp_addr gateway;
};

struct sim;

/**
 * struct sim_node - one box
 * @sim: world
 * @name: for messages
 * @index: in sim.nodes
 * @up: box has power
 * @cfg: configuration of its agent
 * @core: its agent, NULL while dead
 * @tunnel: its tunnel
 * @owner: generation of its agent
 * @next_request_id: its state file
 * @outside: public address if it is behind a NAT
 * @maps: kernel table
 * @peers: kernel peers
 * @routes: routing table
 * @nr_routes: number of @routes
 * @lan: a host in its LAN; family 0 without LAN
 * @miss_at: when the kernel last asked for a next hop
 * @redirect_at: when the kernel last told of a redirect
 * @unknown_at: when the kernel last told of a stranger
 * @sent: data packets that left this box's LAN or own address
 * @received: data packets that reached it
 * @direct: of those, how many came without another box in between
 * @first_direct_at: when the first of those came, 0: none
 * @frames: NHRP packets sent
 * @events: notices of each kind
 * @map_changes: calls of map_set that changed an entry
 * @no_route: calls of route_lookup say that nothing is by the tunnel
 */
struct sim_node {
	struct sim *sim;
	const char *name;
	unsigned int index;
	bool up;
	struct nhrp_tunnel_config cfg;
	struct nhrp_core *core;
	struct nhrp_tunnel *tunnel;
	u32 owner;
	u32 next_request_id;
	struct nhrp_addr outside;
	struct sim_map maps[SIM_MAPS_MAX];
	struct sim_peer peers[SIM_PEERS_MAX];
	struct sim_route routes[SIM_ROUTES_MAX];
	unsigned int nr_routes;
	struct nhrp_addr lan;
	u64 miss_at;
	u64 redirect_at;
	u64 unknown_at;
	u64 sent;
	u64 received;
	u64 direct;
	u64 first_direct_at;
	u64 frames;
	u64 events[NHRP_EVENT_MAX];
	u64 map_changes;
};

/**
 * struct sim_packet - something on the wire
 * @next: later in the queue
 * @at: when it arrives
 * @seq: order of equal times
 * @from: outer source as the receiver sees it
 * @to: outer destination
 * @frame: an NHRP packet, else data
 * @len: bytes in @data
 * @src: inner source of data
 * @dst: inner destination of data
 * @ttl: inner time to live
 * @data: the NHRP packet
 */
struct sim_packet {
	struct sim_packet *next;
	u64 at;
	u64 seq;
	struct nhrp_peer_key from;
	struct nhrp_addr to;
	bool frame;
	size_t len;
	struct nhrp_addr src;
	struct nhrp_addr dst;
	u8 ttl;
	u8 data[];
};

/**
 * struct sim - the world
 * @now: clock, milliseconds
 * @seed: state of the random numbers
 * @seq: packets sent
 * @queue: packets under way, by time
 * @loss: of 1000 packets so many are lost
 * @dup: of 1000 packets so many arrive twice
 * @delay_ms: least time on the way
 * @jitter_ms: up to so much more, which reorders
 * @nodes: boxes
 * @nr_nodes: their number
 * @verbose: print notices
 * @drop: called for each packet; true: it is lost
 * @data_lost: data packets that were dropped for want of a way
 */
struct sim {
	u64 now;
	u64 seed;
	u64 seq;
	struct sim_packet *queue;
	unsigned int loss;
	unsigned int dup;
	unsigned int delay_ms;
	unsigned int jitter_ms;
	struct sim_node *nodes[SIM_NODES_MAX];
	unsigned int nr_nodes;
	bool verbose;
	bool (*drop)(struct sim *sim, const struct sim_packet *p);
	u64 data_lost;
};

/* sim.c: world, network, agents */
struct sim *sim_new(u64 seed);
void sim_free(struct sim *sim);
u32 sim_rand(struct sim *sim);
struct sim_node *sim_node_add(struct sim *sim, const char *name);
struct nhrp_addr sim_addr(const char *text);
struct nhrp_prefix sim_prefix(const char *text);
void sim_agent_start(struct sim_node *n);
void sim_agent_kill(struct sim_node *n);
void sim_node_power(struct sim_node *n, bool up);
void sim_run(struct sim *sim, u64 for_ms);
void sim_send(struct sim_node *n, const struct nhrp_addr *to, bool frame,
	      const void *data, size_t len, const struct sim_packet *inner);
void sim_forge(struct sim_node *to, const char *from, const void *data,
	       size_t len);
void sim_check(struct sim *sim);

/* sim_kernel.c: routing, kernel table, data */
void sim_route_add(struct sim_node *n, const char *prefix, const char *gateway,
		   bool via_tunnel);
void sim_ping(struct sim_node *n, const struct nhrp_addr *src,
	      const struct nhrp_addr *dst);
void sim_kernel_rx(struct sim_node *n, const struct sim_packet *p);
void sim_kernel_expire(struct sim_node *n);
void sim_kernel_clear(struct sim_node *n);
struct sim_map *sim_map_find(struct sim_node *n, const struct nhrp_prefix *p);
struct sim_map *sim_map_at(struct sim_node *n, const char *prefix);
unsigned int sim_map_count(struct sim_node *n);
extern const struct nhrp_env sim_env_template;

/* topology.c: the networks that the tests use */

/**
 * struct sim_net - hub and spokes on 192.168.50.0/24, tunnel 192.168.111.0/24,
 *	LANs 192.168.10.0/24 (hub) and 192.168.N.0/24, N from net_lan()
 * @sim: world
 * @hub: .50.1, .111.1
 * @spoke: .50.2, .111.2 and so on
 * @nr: number of spokes
 */
struct sim_net {
	struct sim *sim;
	struct sim_node *hub;
	struct sim_node *spoke[SIM_NODES_MAX];
	unsigned int nr;
};

void net_build(struct sim_net *net, u64 seed, unsigned int spokes,
	       unsigned int phase);
unsigned int net_lan(unsigned int spoke);
void net_start(struct sim_net *net);
void net_free(struct sim_net *net);
bool net_registered(struct sim_node *n);
unsigned int net_bindings(struct sim_node *n);
bool net_direct(struct sim_node *n, const char *prefix);
void net_ping_for(struct sim_net *net, struct sim_node *a, struct sim_node *b,
		  u64 for_ms, u64 every_ms);

#endif
