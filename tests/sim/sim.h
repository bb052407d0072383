/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A simulator for the protocol core: hubs and spokes in one process on a virtual
 * clock, with a model of the kernel table below each agent and a network that
 * loses, delays, doubles and reorders packets by a seed, has links that fail and
 * NATs that forget. Packets and nodes wait in heaps: thousands of nodes are fine.
 * Nothing in it depends on anything but that seed: a failing run can be repeated.
 */
#ifndef SIM_H
#define SIM_H

#include <stdio.h>

#include "nhrp/core.h"

#define SIM_NODES_MAX	16384
#define SIM_NET_MAX	64
#define SIM_CHECK_ALL	200	/* up to so many nodes all are always checked */
#define SIM_CHANGED_MAX	8
#define SIM_TTL		64

/**
 * struct sim_slot - what an entry of a sim_table begins with
 * @hash: of its key
 * @next: next one in its chain or the free list, as index + 1
 */
struct sim_slot {
	u32 hash;
	u32 next;
};

/**
 * struct sim_table - entries in an array that grows, found by hash
 * @entries: array; an entry moves when the array grows, its index stays
 * @size: bytes of an entry
 * @nr: entries that were ever in use
 * @room: entries there is memory for
 * @free: first free one below @nr, as index + 1
 * @heads: chains
 * @nr_heads: their number, a power of two
 */
struct sim_table {
	void *entries;
	size_t size;
	u32 nr;
	u32 room;
	u32 free;
	u32 *heads;
	u32 nr_heads;
};

/**
 * struct sim_map - an entry of the modelled kernel table
 * @slot: place in sim_node.maps
 * @map: as the agent set it; expires_ms is not used
 * @used: entry is in use
 * @expires_at: end, 0 never
 * @last_used: when it last carried a packet, 0 never
 */
struct sim_map {
	struct sim_slot slot;
	struct nhrp_map map;
	bool used;
	u64 expires_at;
	u64 last_used;
};

/**
 * struct sim_peer - what the modelled kernel knows of a locator
 * @slot: place in sim_node.peers
 * @peer: as the agent set it, or made by a mapping
 * @used: entry is in use
 * @maps: mappings that lead to it
 * @own_expiry: it was set by the agent for its own sake
 * @expires_at: end of that, 0 never
 * @heard: something was received from it
 * @last_rx: when
 */
struct sim_peer {
	struct sim_slot slot;
	struct nhrp_peer peer;
	bool used;
	u32 maps;
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
struct sim_packet;

/**
 * struct sim_queue - what waits until a busy agent reads it
 * @service_us: time that the agent takes for a frame, 0: none, and no queue
 * @max: frames that fit; 0: they wait in the queue of the core
 * @ring: frames
 * @first: the oldest in @ring
 * @nr: frames in @ring
 * @free_at_us: when the agent is done with what it is doing
 * @most: largest @nr so far
 * @dropped: frames that came when it was full
 */
struct sim_queue {
	u32 service_us;
	u32 max;
	struct sim_packet **ring;
	u32 first;
	u32 nr;
	u64 free_at_us;
	u32 most;
	u64 dropped;
};

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
 * @next_request_id: in its state file
 * @epoch: and this
 * @restore: takes back what was saved before its agent starts, or NULL
 * @outside: public address if it is behind a NAT that keeps ports
 * @nat: or this one, which need not
 * @tx_error: negative errno that sending a frame ends with, 0: it is sent
 * @tx_error_to: only if it is sent to this node; NULL: to anybody
 * @queue: frames for the agent
 * @stopped: its agent does not run: what comes waits in its sockets
 * @socket: frames that wait so
 * @nr_socket: number of @socket
 * @ended: mappings whose end waits so
 * @nr_ended: number of @ended
 * @maps: kernel table, of struct sim_map
 * @nr_nhs: mappings of hubs in @maps
 * @by_dst: mappings in @maps that are chosen by destination, by length
 * @changed: entries of @maps set since the last check
 * @nr_changed: number of @changed; more than fit: all
 * @peers: kernel peers, of struct sim_peer
 * @expire_at: nothing in @maps and @peers ends before
 * @routes: routing table
 * @nr_routes: number of @routes
 * @routes_room: how many fit
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
 * @refused: text of the last one about a refused registration
 * @nhs_down: that about a hub that is down
 * @map_changes: calls of map_set that changed an entry
 * @deadline: when it wants to run
 * @heap_at: its place in sim.heap
 * @known: addresses under which sim.by_addr has it
 * @addr_next: next in the chain of sim.by_addr, for each of @known
 * @dirty: is in sim.dirty
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
	u32 epoch;
	void (*restore)(struct sim_node *n);
	struct nhrp_addr outside;
	struct sim_nat *nat;
	int tx_error;
	const struct sim_node *tx_error_to;
	struct sim_queue queue;
	bool stopped;
	struct sim_packet **socket;
	unsigned int nr_socket;
	struct nhrp_prefix *ended;
	unsigned int nr_ended;
	struct sim_table maps;
	u32 nr_nhs;
	u32 by_dst[2][129];
	u32 changed[SIM_CHANGED_MAX];
	u32 nr_changed;
	struct sim_table peers;
	u64 expire_at;
	struct sim_route *routes;
	unsigned int nr_routes;
	unsigned int routes_room;
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
	char refused[256];
	char nhs_down[256];
	u64 map_changes;
	u64 deadline;
	u32 heap_at;
	struct nhrp_peer_key known[2];
	struct sim_node *addr_next[2];
	bool dirty;
};

/**
 * struct sim_packet - something on the wire
 * @at: when it arrives
 * @seq: order of equal times
 * @from: outer source as the receiver sees it
 * @to: outer destination
 * @to_port: UDP port there, 0 without UDP
 * @sender: who sent it, NULL: forged
 * @known: the sender was a peer when it came
 * @has_sa: it came by a security association
 * @result: not a packet but what became of one: negative errno
 * @cookie: of that one
 * @frame: an NHRP packet, else data
 * @len: bytes in @data
 * @src: inner source of data
 * @dst: inner destination of data
 * @ttl: inner time to live
 * @data: the NHRP packet
 */
struct sim_packet {
	u64 at;
	u64 seq;
	struct nhrp_peer_key from;
	struct nhrp_addr to;
	u16 to_port;
	struct sim_node *sender;
	bool known;
	bool has_sa;
	int result;
	u64 cookie;
	bool frame;
	size_t len;
	struct nhrp_addr src;
	struct nhrp_addr dst;
	u8 ttl;
	u8 data[];
};

/**
 * struct sim_link - a fault between two boxes, both ways
 * @a: one end
 * @b: other end, NULL: everybody
 * @loss: of 1000 packets so many are lost; 1000 parts them
 */
struct sim_link {
	const struct sim_node *a;
	const struct sim_node *b;
	unsigned int loss;
};

/**
 * struct sim_binding - what a NAT remembers of a flow
 * @node: inside
 * @peer: outside; of a NAT that is not symmetric only the first one seen
 * @port: own port for it, 0 without UDP
 */
struct sim_binding {
	struct sim_node *node;
	struct nhrp_peer_key peer;
	u16 port;
};

#define SIM_NAT_MAX	64

/**
 * struct sim_nat - a NAT that changes ports
 * @next: in sim.nats
 * @outside: its public address
 * @symmetric: a port for each destination, open for that one only
 * @next_port: the next it gives away
 * @table: what it remembers
 * @nr: number of that
 */
struct sim_nat {
	struct sim_nat *next;
	struct nhrp_addr outside;
	bool symmetric;
	u16 next_port;
	struct sim_binding table[SIM_NAT_MAX];
	unsigned int nr;
};

/**
 * struct sim_past - an address that a node had
 * @node: who
 * @key: address
 * @until: when it gave it up
 */
struct sim_past {
	const struct sim_node *node;
	struct nhrp_peer_key key;
	u64 until;
};

/**
 * struct sim - the world
 * @now: clock, milliseconds
 * @wall_s: what the clock on the wall is ahead of it by, seconds
 * @seed: state of the random numbers
 * @seq: packets sent
 * @packets: packets under way, a heap by time
 * @nr_packets: their number
 * @packets_room: how many fit
 * @loss: of 1000 packets so many are lost
 * @dup: of 1000 packets so many arrive twice
 * @delay_ms: least time on the way
 * @jitter_ms: up to so much more, which reorders
 * @nodes: boxes
 * @nr_nodes: their number
 * @heap: the same as a heap by deadline
 * @due: room for those that run in one step
 * @dirty: those that ran since the last check
 * @nr_dirty: their number
 * @by_addr: the same by hash of public address and port
 * @nr_by_addr: number of chains of each family, a power of two
 * @links: faults
 * @nr_links: their number
 * @nats: NATs
 * @past: addresses that were given up
 * @nr_past: their number
 * @strict: check also what only holds where no packet is forged
 * @check_at: when all nodes are checked again
 * @broken: what was found wrong, if anything; empty and @strict: go on after it
 * @verbose: print notices
 * @drop: called for each packet; true: it is lost
 * @trace: told what nodes tell of messages, NULL: nobody
 * @ike: who has proved by IKE to be there, as the agent of @n knows it: "" somebody without
 *	identity, NULL: not known yet. NULL: no packet is protected
 * @data_lost: data packets that were dropped for want of a way
 */
struct sim {
	u64 now;
	long long wall_s;
	u64 seed;
	u64 seq;
	struct sim_packet **packets;
	unsigned int nr_packets;
	unsigned int packets_room;
	unsigned int loss;
	unsigned int dup;
	unsigned int delay_ms;
	unsigned int jitter_ms;
	struct sim_node **nodes;
	unsigned int nr_nodes;
	struct sim_node **heap;
	struct sim_node **due;
	struct sim_node **dirty;
	unsigned int nr_dirty;
	struct sim_node **by_addr;
	u32 nr_by_addr;
	struct sim_link *links;
	unsigned int nr_links;
	struct sim_nat *nats;
	struct sim_past *past;
	unsigned int nr_past;
	bool strict;
	u64 check_at;
	char broken[200];
	bool verbose;
	bool (*drop)(struct sim *sim, const struct sim_packet *p);
	const char *(*ike)(struct sim_node *n, const struct nhrp_peer_key *from);
	bool (*ike_begun)(struct sim_node *n, const struct nhrp_addr *nbma);
	void (*trace)(struct sim_node *n, const struct nhrp_trace *trace);
	u64 data_lost;
};

/* sim.c: world, clock, agents */
struct sim *sim_new(u64 seed);
void sim_free(struct sim *sim);
u32 sim_rand(struct sim *sim);
struct sim_node *sim_node_add(struct sim *sim, const char *name);
struct nhrp_addr sim_addr(const char *text);
struct nhrp_prefix sim_prefix(const char *text);
void sim_agent_start(struct sim_node *n);
void sim_agent_kill(struct sim_node *n);
void sim_node_power(struct sim_node *n, bool up);
void sim_touch(struct sim_node *n);
void sim_run(struct sim *sim, u64 for_ms);

/* sim_heap.c: what comes next */
void sim_heap_push(struct sim *sim, struct sim_packet *p);
struct sim_packet *sim_heap_pop(struct sim *sim);
void sim_heap_add(struct sim *sim, struct sim_node *n);
void sim_heap_fix(struct sim *sim, struct sim_node *n);

/* sim_wire.c: network, its faults, NATs */
void sim_send(struct sim_node *n, const struct nhrp_peer_key *to, bool frame,
	      const void *data, size_t len, const struct sim_packet *inner,
	      u64 cookie);
void sim_forge(struct sim_node *to, const char *from, const void *data,
	       size_t len);
void sim_deliver(struct sim *sim, struct sim_packet *p);
void sim_address_nodes(struct sim *sim);
struct sim_node *sim_node_at(struct sim *sim, const struct nhrp_peer_key *key,
			     const struct sim_node *after);
void sim_link_loss(struct sim *sim, const struct sim_node *a,
		   const struct sim_node *b, unsigned int loss);
void sim_links_heal(struct sim *sim);
struct sim_nat *sim_nat_add(struct sim *sim, const char *outside,
			    bool symmetric);
void sim_nat_rebind(struct sim_nat *nat);
struct sim_packet *sim_packet_new(const void *data, size_t len);

/* sim_queue.c: an agent that takes its time */
void sim_queue_set(struct sim_node *n, u32 frames_per_s, u32 max);
bool sim_queue_add(struct sim_node *n, struct sim_packet *p);
u32 sim_queue_length(const struct sim_node *n);
void sim_queue_run(struct sim_node *n);
u64 sim_queue_next(const struct sim_node *n);
void sim_queue_clear(struct sim_node *n);

/* sim_stop.c: an agent that is stopped and continued */
bool sim_listens(const struct sim_node *n);
void sim_agent_stop(struct sim_node *n);
void sim_agent_continue(struct sim_node *n, bool ends_first);
void sim_stop_frame(struct sim_node *n, struct sim_packet *p);
void sim_stop_ended(struct sim_node *n, const struct nhrp_prefix *prefix);
void sim_stop_clear(struct sim_node *n);

/* sim_table.c: tables of the modelled kernel */
bool sim_key_eq(const struct nhrp_peer_key *a, const struct nhrp_peer_key *b);
u32 sim_key_hash(const struct nhrp_peer_key *key);
bool sim_by_destination(const struct nhrp_map *map);
struct sim_map *sim_map_nth(const struct sim_node *n, u32 i);
struct sim_map *sim_map_find(struct sim_node *n, const struct nhrp_prefix *p);
struct sim_map *sim_map_at(struct sim_node *n, const char *prefix);
unsigned int sim_map_count(struct sim_node *n);
void sim_map_set(struct sim_node *n, const struct nhrp_map *map);
void sim_map_drop(struct sim_node *n, struct sim_map *m);
struct sim_peer *sim_peer_nth(const struct sim_node *n, u32 i);
struct sim_peer *sim_peer_find(struct sim_node *n,
			       const struct nhrp_peer_key *key);
struct sim_peer *sim_peer_get(struct sim_node *n,
			      const struct nhrp_peer_key *key);
void sim_peer_own_end(struct sim_node *n, struct sim_peer *p);
void sim_kernel_expire(struct sim_node *n);
void sim_kernel_clear(struct sim_node *n);

/* sim_kernel.c: routing, data, callbacks */
void sim_route_add(struct sim_node *n, const char *prefix, const char *gateway,
		   bool via_tunnel);
void sim_route_del(struct sim_node *n, const char *prefix);
const struct sim_route *sim_route_to(const struct sim_node *n,
				     const struct nhrp_addr *dst);
struct sim_map *sim_map_lookup(struct sim_node *n, const struct nhrp_addr *dst,
			       const struct nhrp_addr *hop);
struct sim_map *sim_default_nhs(struct sim_node *n);
bool sim_is_local(const struct sim_node *n, const struct nhrp_addr *a);
void sim_ping(struct sim_node *n, const struct nhrp_addr *src,
	      const struct nhrp_addr *dst);
void sim_kernel_rx(struct sim_node *n, const struct sim_packet *p);
struct nhrp_frame sim_frame_of(const struct sim_packet *p);
void sim_frame(struct sim_node *n, const struct sim_packet *p);
extern const struct nhrp_env sim_env_template;

/* sim_check.c: what must be true at any time */
void sim_check(struct sim *sim);

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
	struct sim_node *spoke[SIM_NET_MAX];
	unsigned int nr;
};

void net_build(struct sim_net *net, u64 seed, unsigned int spokes,
	       unsigned int phase);
/* One more hub, as the first one but for its addresses: 192.168.50.@host. */
struct sim_node *net_add_hub(struct sim_net *net, const char *name,
			     unsigned int host);
/* @n registers with @hub, too: at its IPv4 NBMA address if it has one. */
void net_name_hub(struct sim_node *n, const struct sim_node *hub, u8 priority);
/* GRE in UDP, also to the hubs that are named so far: what a NAT needs. */
void net_use_udp(struct sim_node *n);
unsigned int net_lan(unsigned int spoke);
void net_start(struct sim_net *net);
void net_free(struct sim_net *net);
bool net_registered(struct sim_node *n);
unsigned int net_bindings(struct sim_node *n);
bool net_direct(struct sim_node *n, const char *prefix);
void net_ping_for(struct sim_net *net, struct sim_node *a, struct sim_node *b,
		  u64 for_ms, u64 every_ms);

#endif
