/* SPDX-License-Identifier: GPL-2.0 */
/* libdvpn: what the module has, as structs: see dvpn.h */
#ifndef DVPN_LIB_OBJECTS_H
#define DVPN_LIB_OBJECTS_H

#include <net/if.h>
#include <linux/dvpn.h>

#include "nhrp/types.h"		/* u8 ... u64, bool, size_t */

/* ----- addresses and keys ----- */

/**
 * struct dvpn_addr - an IPv4 or IPv6 address, or none
 * @family: AF_INET, AF_INET6 or AF_UNSPEC (0): no address.
 * @bytes: network byte order; IPv4 uses the first 4, the rest is zero.
 */
struct dvpn_addr {
	u8 family;
	u8 bytes[16];
};

#define DVPN_ADDR_STRLEN	46	/* as INET6_ADDRSTRLEN */

/**
 * dvpn_addr_len - bytes of an address
 * @addr: address
 *
 * Return: 4, 16, or 0 for no address.
 */
unsigned int dvpn_addr_len(const struct dvpn_addr *addr);

/**
 * dvpn_addr_equal - whether two addresses are the same
 * @a: one
 * @b: the other
 *
 * Two absent ones are.
 */
bool dvpn_addr_equal(const struct dvpn_addr *a, const struct dvpn_addr *b);

/**
 * dvpn_addr_is_any - whether an address is 0.0.0.0, :: or absent
 * @addr: address
 */
bool dvpn_addr_is_any(const struct dvpn_addr *addr);

/**
 * dvpn_addr_parse - read a numeric address
 * @text: numeric address
 * @addr: filled in; untouched on failure
 *
 * Return: 0 or -EINVAL.
 */
int dvpn_addr_parse(const char *text, struct dvpn_addr *addr);

/**
 * dvpn_addr_str - write an address
 * @addr: address
 * @buf: where to write; returned
 *
 * No address is written as "none".
 */
const char *dvpn_addr_str(const struct dvpn_addr *addr, char buf[DVPN_ADDR_STRLEN]);

/**
 * struct dvpn_peer_key - what tells one peer of a device from another
 * @encap: &enum dvpn_encap.
 * @port: remote UDP port, network byte order; 0 in a request takes the default
 *	(encap UDP), and is the only value with encap GRE.
 * @mark: mark of outer packets, 0: the device's.
 * @xfrm_if_id: xfrm interface id, 0: the device's.
 * @nbma: NBMA address; AF_UNSPEC: there is no key here.
 */
struct dvpn_peer_key {
	u8 encap;
	u16 port;
	u32 mark;
	u32 xfrm_if_id;
	struct dvpn_addr nbma;
};

/**
 * dvpn_peer_key_equal - whether two keys name the same peer
 * @a: one
 * @b: the other
 */
bool dvpn_peer_key_equal(const struct dvpn_peer_key *a, const struct dvpn_peer_key *b);

/**
 * struct dvpn_cookie - bytes that the kernel keeps for the owner of an entry
 * @len: 0..DVPN_COOKIE_MAX
 * @bytes: opaque
 */
struct dvpn_cookie {
	u8 len;
	u8 bytes[DVPN_COOKIE_MAX];
};

/* ----- mappings ----- */

/**
 * enum dvpn_map_has - which members of struct dvpn_map mean something
 *
 * In a request: the members to send. In an answer: the members that came.
 *
 * @DVPN_MAP_HAS_ID: id
 * @DVPN_MAP_HAS_PROTO: proto, prefixlen
 * @DVPN_MAP_HAS_FLAGS: flags, in requests the bits in flags_mask
 * @DVPN_MAP_HAS_PREFERENCE: preference
 * @DVPN_MAP_HAS_EXPIRES: expires_ms
 * @DVPN_MAP_HAS_AGE: age_ms (answers only)
 * @DVPN_MAP_HAS_IDLE: idle_ms (answers only); absent: never carried a packet
 * @DVPN_MAP_HAS_OWNER: owner
 * @DVPN_MAP_HAS_COOKIE: cookie; in a SET, length 0 clears it
 * @DVPN_MAP_HAS_PEER: peer
 * @DVPN_MAP_HAS_PEER_ID: peer_id (answers only)
 */
enum dvpn_map_has {
	DVPN_MAP_HAS_ID		= 1 << 0,
	DVPN_MAP_HAS_PROTO	= 1 << 1,
	DVPN_MAP_HAS_FLAGS	= 1 << 2,
	DVPN_MAP_HAS_PREFERENCE	= 1 << 3,
	DVPN_MAP_HAS_EXPIRES	= 1 << 4,
	DVPN_MAP_HAS_AGE	= 1 << 5,
	DVPN_MAP_HAS_IDLE	= 1 << 6,
	DVPN_MAP_HAS_OWNER	= 1 << 7,
	DVPN_MAP_HAS_COOKIE	= 1 << 8,
	DVPN_MAP_HAS_PEER	= 1 << 9,
	DVPN_MAP_HAS_PEER_ID	= 1 << 10,
};

/**
 * struct dvpn_map - one mapping, in requests, answers and notifications
 * @has: &enum dvpn_map_has
 * @ifindex: the dvpn device; always there
 * @id: the kernel's number of the mapping, never 0
 * @proto: protocol address, or prefix with zero host bits
 * @prefixlen: 0..32 or 0..128 bits
 * @flags: &enum dvpn_map_flags
 * @flags_mask: requests: the bits of @flags that are to be changed; answers:
 *	the bits that the kernel knows
 * @preference: of an NHS mapping; lowest wins
 * @expires_ms: milliseconds left. Request: 0 means never expires. Answer:
 *	absent (see @has) means that it never does, 0 that its time is over and
 *	it is kept only until an agent is there (agent-grace): do not give that
 *	0 back.
 * @age_ms: milliseconds since it was made
 * @idle_ms: milliseconds since it carried a packet, second-grained
 * @owner: who wrote it, 0: the administrator
 * @cookie: the owner's bytes
 * @peer: key of the peer it points to
 * @peer_id: the kernel's number of that peer, never 0
 */
struct dvpn_map {
	u32 has;
	unsigned int ifindex;
	u32 id;
	struct dvpn_addr proto;
	u8 prefixlen;
	u32 flags;
	u32 flags_mask;
	u8 preference;
	u64 expires_ms;
	u64 age_ms;
	u64 idle_ms;
	u32 owner;
	struct dvpn_cookie cookie;
	struct dvpn_peer_key peer;
	u32 peer_id;
};

/**
 * dvpn_map_init - begin a request for a host mapping
 * @map: set to nothing but the address: has = PROTO
 * @ifindex: the dvpn device
 * @proto: its protocol address
 */
void dvpn_map_init(struct dvpn_map *map, unsigned int ifindex, const struct dvpn_addr *proto);

/**
 * enum dvpn_match_has - which conditions of struct dvpn_match hold
 * @DVPN_MATCH_HAS_OWNER: only if the entry's owner is owner, else -ESTALE;
 *	in a flush: only entries of that owner
 * @DVPN_MATCH_HAS_ID: only if the entry's id is id, else -ESTALE
 * @DVPN_MATCH_HAS_NOT_OWNER: flush only: spare owner not_owner and owner 0
 */
enum dvpn_match_has {
	DVPN_MATCH_HAS_OWNER		= 1 << 0,
	DVPN_MATCH_HAS_ID		= 1 << 1,
	DVPN_MATCH_HAS_NOT_OWNER	= 1 << 2,
};

/**
 * struct dvpn_match - conditions that guard a request; NULL: none
 * @has: &enum dvpn_match_has
 * @owner: see there
 * @id: see there
 * @not_owner: see there
 */
struct dvpn_match {
	u32 has;
	u32 owner;
	u32 id;
	u32 not_owner;
};

/* ----- peers ----- */

/**
 * enum dvpn_peer_has - which members of struct dvpn_peer mean something
 * @DVPN_PEER_HAS_ID: id
 * @DVPN_PEER_HAS_KEY: key
 * @DVPN_PEER_HAS_FLAGS: flags, in requests the bits in flags_mask
 * @DVPN_PEER_HAS_MARK_MASK: mark_mask
 * @DVPN_PEER_HAS_MTU: mtu
 * @DVPN_PEER_HAS_MTU_ADVERTISED: mtu_advertised
 * @DVPN_PEER_HAS_PMTU: pmtu (answers only)
 * @DVPN_PEER_HAS_MSS: mss
 * @DVPN_PEER_HAS_KEEPALIVE: keepalive_s
 * @DVPN_PEER_HAS_OWNER: owner
 * @DVPN_PEER_HAS_COOKIE: cookie
 * @DVPN_PEER_HAS_AGE: age_ms (answers only)
 * @DVPN_PEER_HAS_RX_IDLE: rx_idle_ms (answers only); absent: never heard
 * @DVPN_PEER_HAS_MAPS: maps (answers only)
 * @DVPN_PEER_HAS_EXPIRES: expires_ms
 */
enum dvpn_peer_has {
	DVPN_PEER_HAS_ID		= 1 << 0,
	DVPN_PEER_HAS_KEY		= 1 << 1,
	DVPN_PEER_HAS_FLAGS		= 1 << 2,
	DVPN_PEER_HAS_MARK_MASK		= 1 << 3,
	DVPN_PEER_HAS_MTU		= 1 << 4,
	DVPN_PEER_HAS_MTU_ADVERTISED	= 1 << 5,
	DVPN_PEER_HAS_PMTU		= 1 << 6,
	DVPN_PEER_HAS_MSS		= 1 << 7,
	DVPN_PEER_HAS_KEEPALIVE		= 1 << 8,
	DVPN_PEER_HAS_OWNER		= 1 << 9,
	DVPN_PEER_HAS_COOKIE		= 1 << 10,
	DVPN_PEER_HAS_AGE		= 1 << 11,
	DVPN_PEER_HAS_RX_IDLE		= 1 << 12,
	DVPN_PEER_HAS_MAPS		= 1 << 13,
	DVPN_PEER_HAS_EXPIRES		= 1 << 14,
};

/**
 * struct dvpn_peer - one peer, in requests, answers and notifications
 * @has: &enum dvpn_peer_has
 * @ifindex: the dvpn device; always there
 * @id: the kernel's number of the peer, never 0
 * @key: what names it
 * @flags: &enum dvpn_peer_flags
 * @flags_mask: as in struct dvpn_map
 * @mark_mask: a packet from it must match key.mark under this mask
 * @mtu: configured path MTU, bytes of the largest inner packet; 0 none
 * @mtu_advertised: what its CIE said, bytes; 0 none
 * @pmtu: bytes of the largest inner packet that fits now
 * @mss: TCP MSS clamp: 0 off, 1 from the path MTU, else bytes; not given: as the device
 * @keepalive_s: seconds of silence before an empty frame is sent; 0 off
 * @owner: who wrote it, 0: the administrator
 * @cookie: the owner's bytes
 * @age_ms: milliseconds since it was made
 * @rx_idle_ms: milliseconds since a packet came from it
 * @maps: mappings that point to it
 * @expires_ms: as in struct dvpn_map; a peer without mappings goes then
 * @stats: counters by &enum dvpn_stat; those that did not come are 0
 */
struct dvpn_peer {
	u32 has;
	unsigned int ifindex;
	u32 id;
	struct dvpn_peer_key key;
	u32 flags;
	u32 flags_mask;
	u32 mark_mask;
	u32 mtu;
	u32 mtu_advertised;
	u32 pmtu;
	u32 mss;
	u32 keepalive_s;
	u32 owner;
	struct dvpn_cookie cookie;
	u64 age_ms;
	u64 rx_idle_ms;
	u32 maps;
	u64 expires_ms;
	u64 stats[DVPN_STAT_MAX + 1];
};

/**
 * struct dvpn_group - one entry of the multicast replication table
 * @ifindex: the dvpn device
 * @group: multicast group
 * @peer: who gets a copy
 * @peer_id: the kernel's number of that peer (answers only), 0 unknown
 */
struct dvpn_group {
	unsigned int ifindex;
	struct dvpn_addr group;
	struct dvpn_peer_key peer;
	u32 peer_id;
};

/* ----- devices ----- */

/**
 * struct dvpn_dev - state of a device as the table sees it
 * @ifindex: its interface index
 * @ifname: its name
 * @features: mask of &enum dvpn_feature that the module has
 * @generation: grows with every change of the table
 * @maps: mappings, unresolved ones not counted
 * @peers: peers
 * @incomplete: next hops being asked for
 * @agent_classes: &enum dvpn_agent_class that some agent holds
 * @default_nhs: id of the NHS mapping in use, 0: none is usable
 * @stats: counters by &enum dvpn_stat
 * @drops: counters by &enum dvpn_drop
 */
struct dvpn_dev {
	unsigned int ifindex;
	char ifname[IF_NAMESIZE];
	u32 features;
	u32 generation;
	u32 maps;
	u32 peers;
	u32 incomplete;
	u32 agent_classes;
	u32 default_nhs;
	u64 stats[DVPN_STAT_MAX + 1];
	u64 drops[DVPN_DROP_MAX + 1];
};

/* ----- frames and events ----- */

/**
 * struct dvpn_stamp - what every message to an agent carries
 * @seq: counts the messages to this binding
 * @lost: messages that did not fit since the last one that did; if not 0, and
 *	events come by this socket, the agent's picture of the table is stale:
 *	dump again
 * @generation: of the device's table
 */
struct dvpn_stamp {
	u32 seq;
	u32 lost;
	u32 generation;
};

/**
 * struct dvpn_sa - the last ESP state that a packet came through
 * @present: false: it came in clear, the rest is 0
 * @spi: network byte order
 * @reqid: of that state
 * @if_id: xfrm interface id of that state
 */
struct dvpn_sa {
	bool present;
	u32 spi;
	u32 reqid;
	u32 if_id;
};

/**
 * struct dvpn_frame - one NHRP packet, received or to be sent
 * @ifindex: the dvpn device
 * @peer: key of the sender, or of the receiver, which need not be a peer yet
 * @local: our NBMA address; optional when sending (AF_UNSPEC)
 * @link_ifindex: underlay interface it came by (received)
 * @peer_id: the kernel's number of the sender, 0: no peer (received)
 * @sa: IPsec it came through (received)
 * @stamp: sequence and losses (received)
 * @data: the packet from its first NHRP byte on
 * @len: 1..DVPN_FRAME_MAX
 */
struct dvpn_frame {
	unsigned int ifindex;
	struct dvpn_peer_key peer;
	struct dvpn_addr local;
	unsigned int link_ifindex;
	u32 peer_id;
	struct dvpn_sa sa;
	struct dvpn_stamp stamp;
	const u8 *data;
	u16 len;
};

/**
 * struct dvpn_event_msg - something the data path tells the agent
 *
 * Which members mean something depends on @type; the text of &enum dvpn_event
 * names them. Everything else is 0, NULL or AF_UNSPEC.
 *
 * @type: &enum dvpn_event, possibly one that this library does not know
 * @ifindex: the dvpn device
 * @ifname: its name, empty if it was not sent
 * @stamp: sequence and losses
 * @map: MISS: proto. EXPIRE: all of the mapping. REDIRECT: peer_id. PEER_
 *	UNREACH: peer_id, peer. UNKNOWN_PEER: peer. See map.has.
 * @local: our NBMA address that the packet came to
 * @sa: IPsec the packet came through
 * @src: source of the inner packet
 * @dst: its destination
 * @inner_proto: its GRE protocol type, host byte order
 * @inner_len: its length, bytes
 * @excerpt: its first bytes, from the network header on
 * @excerpt_len: 0..DVPN_EXCERPT_MAX
 * @reason: &enum dvpn_reason
 * @error: positive errno behind a PEER_UNREACH
 */
struct dvpn_event_msg {
	u8 type;
	unsigned int ifindex;
	char ifname[IF_NAMESIZE];
	struct dvpn_stamp stamp;
	struct dvpn_map map;
	struct dvpn_addr local;
	struct dvpn_sa sa;
	struct dvpn_addr src;
	struct dvpn_addr dst;
	u16 inner_proto;
	u32 inner_len;
	const u8 *excerpt;
	u16 excerpt_len;
	u8 reason;
	u32 error;
};

#endif /* DVPN_LIB_OBJECTS_H */
