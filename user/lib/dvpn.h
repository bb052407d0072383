/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libdvpn: the module's generic netlink interface as plain structs
 *
 * Four kinds of socket, each opened, used and closed on its own:
 *
 *   struct dvpn_handle	one request at a time, the call waits for the answer:
 *			command line tools, and an agent's start (dump, adopt)
 *   struct dvpn_chan	requests queued, sent in batches, answered through
 *			callbacks: for an event loop; never blocks
 *   struct dvpn_agent	frames and events of the devices bound to it
 *   struct dvpn_mon	notifications about every table of the namespace
 *
 * None of them is thread-safe; different ones may be used by different threads.
 * Functions that can fail return 0 (or a count) or a negative errno. All memory
 * that callbacks are given is only valid until they return.
 *
 * What the kernel says is checked like any other input: attributes of the wrong
 * length are errors (-EBADMSG), unknown ones are ignored, values that a newer
 * kernel may have and this library does not know are passed on as numbers.
 */
#ifndef DVPN_LIB_H
#define DVPN_LIB_H

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
 * @mss: TCP MSS clamp: 0 off, 1 from the path MTU, else bytes
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

/* ----- synchronous: struct dvpn_handle ----- */

struct dvpn_handle;

/**
 * dvpn_open - open a handle for synchronous requests
 * @h: where to put it; NULL on failure
 *
 * Loads the module if the caller may and the kernel knows where it is.
 *
 * Return: 0, -ENOENT if the kernel has no family "dvpn" (module not loaded), or
 * another negative errno.
 */
int dvpn_open(struct dvpn_handle **h);
/**
 * dvpn_close - close a handle
 * @h: handle, or NULL
 */
void dvpn_close(struct dvpn_handle *h);

/**
 * dvpn_error - what went wrong in the last call, in words
 * @h: handle
 *
 * Return: never NULL; empty if it succeeded.
 */
const char *dvpn_error(const struct dvpn_handle *h);

/**
 * dvpn_dump_maps - the mappings of a device, or of all devices
 * @h: handle
 * @ifindex: the dvpn device, 0: every one of the namespace
 * @out: array that the caller frees with free(); NULL on failure
 * @n: entries in @out
 *
 * Return: 0; 1 if the table kept changing during every one of a few attempts (what was
 * there all the time is in the array exactly once); a negative errno.
 */
int dvpn_dump_maps(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_map **out, size_t *n);

/**
 * dvpn_dump_peers - the peers of a device, or of all devices
 * @h: handle
 * @ifindex: the dvpn device, 0: every one of the namespace
 * @out: array that the caller frees with free(); NULL on failure
 * @n: entries in @out
 *
 * Return: 0; 1 if the table kept changing during every one of a few attempts (what was
 * there all the time is in the array exactly once); a negative errno.
 */
int dvpn_dump_peers(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_peer **out,
		    size_t *n);

/**
 * dvpn_dump_groups - the replication table of a device, or of all devices
 * @h: handle
 * @ifindex: the dvpn device, 0: every one of the namespace
 * @out: array that the caller frees with free(); NULL on failure
 * @n: entries in @out
 *
 * Return: 0; 1 if the table kept changing during every one of a few attempts (what was
 * there all the time is in the array exactly once); a negative errno.
 */
int dvpn_dump_groups(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_group **out,
		     size_t *n);

/**
 * dvpn_dump_devs - all devices of the namespace
 * @h: handle
 * @out: array that the caller frees with free(); NULL on failure
 * @n: entries in @out
 *
 * Return: as dvpn_dump_maps().
 */
int dvpn_dump_devs(struct dvpn_handle *h, struct dvpn_dev **out, size_t *n);

/**
 * dvpn_dev_get - a device's counters and state
 * @h: handle
 * @ifindex: the dvpn device
 * @dev: filled in
 *
 * Return: 0, -ENODEV, or another negative errno.
 */
int dvpn_dev_get(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_dev *dev);

/**
 * dvpn_map_get - one mapping
 * @h: handle
 * @map: names it by proto and prefixlen, or by id; filled in
 *
 * Return: 0, -ENOENT, or another negative errno.
 */
int dvpn_map_get(struct dvpn_handle *h, struct dvpn_map *map);

/**
 * dvpn_peer_get - one peer
 * @h: handle
 * @peer: names it by key or by id; filled in
 *
 * Return: 0, -ENOENT, or another negative errno.
 */
int dvpn_peer_get(struct dvpn_handle *h, struct dvpn_peer *peer);

/**
 * dvpn_map_lookup - what would the data path do with a packet?
 * @h: handle
 * @ifindex: the dvpn device
 * @dst: destination of the packet
 * @nexthop: its next hop; NULL: the destination
 * @map: the mapping used; map->has is 0 if there is none
 *
 * Return: &enum dvpn_verdict or a negative errno.
 */
int dvpn_map_lookup(struct dvpn_handle *h, unsigned int ifindex, const struct dvpn_addr *dst,
		    const struct dvpn_addr *nexthop, struct dvpn_map *map);

/* ----- asynchronous: struct dvpn_chan ----- */

struct dvpn_chan;

/**
 * struct dvpn_ack - the kernel's answer to one request
 * @err: 0, or a negative errno: of the kernel, or -ECANCELED (channel closed),
 *	-ENOBUFS (the answer was lost; what became of the request is unknown)
 * @text: the kernel's explanation, "" if it gave none; never NULL
 * @count: entries deleted by a flush
 */
struct dvpn_ack {
	int err;
	const char *text;
	u32 count;
};

/* Called once for each request that was accepted; may make new requests. */
typedef void (*dvpn_ack_fn)(const struct dvpn_ack *ack, void *ctx);

/**
 * dvpn_chan_open - open a request channel
 * @c: where to put it; NULL on failure
 *
 * Return: as dvpn_open().
 */
int dvpn_chan_open(struct dvpn_chan **c);

/**
 * dvpn_chan_close - close a channel
 * @c: channel, or NULL
 *
 * Unanswered requests get -ECANCELED; what their callbacks ask for is dropped. Not to
 * be called from within a callback.
 */
void dvpn_chan_close(struct dvpn_chan *c);

/**
 * dvpn_chan_fd - the descriptor to watch for reading
 * @c: channel
 */
int dvpn_chan_fd(const struct dvpn_chan *c);

/*
 * Requests. Each is put into the queue and leaves with the next
 * dvpn_chan_flush(); order is kept. @fn may be NULL.
 *
 * Return: 0 if queued (then @fn is called later, never from here); -EINVAL if a
 * member is out of range or a mandatory one missing; -ENOMEM.
 */

/**
 * dvpn_map_new - add a mapping
 * @c: channel
 * @map: proto and peer at least
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 *
 * The kernel answers -EEXIST if there is one.
 */
int dvpn_map_new(struct dvpn_chan *c, const struct dvpn_map *map, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_map_replace - add a mapping, or replace all of an existing one but its id
 * @c: channel
 * @map: the mapping
 * @match: what an existing one must satisfy, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_map_replace(struct dvpn_chan *c, const struct dvpn_map *map,
		     const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_map_set - change a mapping
 * @c: channel
 * @map: named by proto, or without it by id; all else that it has is changed
 * @match: conditions, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 *
 * What only the kernel can say (age, idle, peer_id, flag INCOMPLETE) is not sent, so a
 * mapping that came from a dump may be given back; but see expires_ms.
 */
int dvpn_map_set(struct dvpn_chan *c, const struct dvpn_map *map, const struct dvpn_match *match,
		 dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_map_del - delete a mapping
 * @c: channel
 * @map: named as in dvpn_map_set()
 * @match: conditions, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_map_del(struct dvpn_chan *c, const struct dvpn_map *map, const struct dvpn_match *match,
		 dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_map_flush - delete the mappings that satisfy all conditions
 * @c: channel
 * @ifindex: the dvpn device
 * @match: owner or not_owner, or NULL
 * @flags: values of the flags selected
 * @flags_mask: flags that must be equal
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 *
 * The ack has their number.
 */
int dvpn_map_flush(struct dvpn_chan *c, unsigned int ifindex, const struct dvpn_match *match,
		   u32 flags, u32 flags_mask, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_peer_new - add a peer
 * @c: channel
 * @peer: key at least
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_peer_new(struct dvpn_chan *c, const struct dvpn_peer *peer, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_peer_replace - add a peer, or replace the attributes of an existing one
 * @c: channel
 * @peer: the peer
 * @match: what an existing one must satisfy, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_peer_replace(struct dvpn_chan *c, const struct dvpn_peer *peer,
		      const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_peer_set - change a peer
 * @c: channel
 * @peer: named by key, or without it by id; all else that it has is changed
 * @match: conditions, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_peer_set(struct dvpn_chan *c, const struct dvpn_peer *peer,
		  const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_peer_del - delete a peer
 * @c: channel
 * @peer: named as in dvpn_peer_set()
 * @match: conditions, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 *
 * The kernel answers -EBUSY while mappings point to it.
 */
int dvpn_peer_del(struct dvpn_chan *c, const struct dvpn_peer *peer,
		  const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_peer_flush - delete the peers that no mapping points to
 * @c: channel
 * @ifindex: the dvpn device
 * @match: owner or not_owner, or NULL
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 *
 * The ack has their number.
 */
int dvpn_peer_flush(struct dvpn_chan *c, unsigned int ifindex, const struct dvpn_match *match,
		    dvpn_ack_fn fn, void *ctx);

/**
 * dvpn_group_new - add an entry to the replication table
 * @c: channel
 * @group: the entry
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_group_new(struct dvpn_chan *c, const struct dvpn_group *group, dvpn_ack_fn fn,
		   void *ctx);

/**
 * dvpn_group_del - remove an entry from the replication table
 * @c: channel
 * @group: the entry
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 */
int dvpn_group_del(struct dvpn_chan *c, const struct dvpn_group *group, dvpn_ack_fn fn,
		   void *ctx);

/**
 * dvpn_frame_send - send an NHRP packet
 * @c: channel
 * @frame: the packet, copied
 * @fn: told the answer later, never from here; may be NULL
 * @ctx: handed to the callbacks
 *
 * The ack is the result: 0 sent, -EHOSTUNREACH, -EMSGSIZE, -EINPROGRESS (no security
 * association yet), -EPERM (policy), -ENETDOWN.
 */
int dvpn_frame_send(struct dvpn_chan *c, const struct dvpn_frame *frame, dvpn_ack_fn fn,
		    void *ctx);

/**
 * dvpn_chan_flush - send what is queued, as many messages to a send as fit
 * @c: channel
 *
 * Keeps only so many requests unanswered that their answers fit into the receive
 * buffer; the rest goes when dvpn_chan_read() has made room. Calls no callback.
 *
 * Return: 0 or a negative errno (socket broken).
 */
int dvpn_chan_flush(struct dvpn_chan *c);

/**
 * dvpn_chan_read - take the answers that are there, then send what waits
 * @c: channel
 *
 * Never blocks. Callbacks are called from here.
 *
 * Return: 0, or a negative errno if the socket is broken.
 */
int dvpn_chan_read(struct dvpn_chan *c);

/**
 * dvpn_chan_pending - requests that are queued or not answered yet
 * @c: channel
 */
unsigned int dvpn_chan_pending(const struct dvpn_chan *c);

/**
 * dvpn_chan_wait - flush, then wait until nothing is pending
 * @c: channel
 * @timeout_ms: at most so long, -1 for ever
 *
 * For tools and for the end of an agent. Callbacks are called from here.
 *
 * Return: 0, -ETIMEDOUT, or a negative errno if the socket is broken.
 */
int dvpn_chan_wait(struct dvpn_chan *c, int timeout_ms);

/* ----- the agent's socket ----- */

struct dvpn_agent;

/**
 * struct dvpn_agent_ops - what to call for what came
 * @frame: an NHRP packet
 * @event: an event
 * @bad: a message that could not be parsed, in words; may be NULL
 */
struct dvpn_agent_ops {
	void (*frame)(const struct dvpn_frame *frame, void *ctx);
	void (*event)(const struct dvpn_event_msg *event, void *ctx);
	void (*bad)(const char *text, void *ctx);
};

/**
 * dvpn_agent_open - open an agent's socket
 * @a: where to put it; NULL on failure
 * @ops: whom to call; must outlive the socket
 * @ctx: handed to the callbacks
 *
 * Return: as dvpn_open().
 */
int dvpn_agent_open(struct dvpn_agent **a, const struct dvpn_agent_ops *ops, void *ctx);

/**
 * dvpn_agent_close - close an agent's socket, which ends its bindings
 * @a: socket, or NULL
 *
 * Not to be called from within a callback.
 */
void dvpn_agent_close(struct dvpn_agent *a);

/**
 * dvpn_agent_fd - the descriptor to watch for reading
 * @a: agent socket
 */
int dvpn_agent_fd(const struct dvpn_agent *a);

/**
 * dvpn_agent_error - what went wrong in the last bind or unbind, in words
 * @a: agent socket
 *
 * Return: never NULL; empty if it succeeded.
 */
const char *dvpn_agent_error(const struct dvpn_agent *a);

/**
 * dvpn_agent_bind - become a device's agent
 * @a: agent socket; may be bound to several devices
 * @ifindex: the dvpn device
 * @classes: mask of &enum dvpn_agent_class
 * @features: where to put the module's features, or NULL
 * @generation: where to put the table's generation, or NULL
 *
 * Does not wait: the kernel answers at once. Frames and events that come before the
 * answer are kept and given out by the next dvpn_agent_read(). An answer that did not
 * fit into the receive buffer is asked for again.
 *
 * Return: 0, -EBUSY if another socket is the agent, -ENODEV, -EPERM, -ENOBUFS if
 * every answer was lost (it may be bound or not: try again), ...
 */
int dvpn_agent_bind(struct dvpn_agent *a, unsigned int ifindex, u32 classes,
		    u32 *features, u32 *generation);
/**
 * dvpn_agent_unbind - stop being a device's agent
 * @a: agent socket
 * @ifindex: the dvpn device
 * @classes: mask of &enum dvpn_agent_class
 *
 * As dvpn_agent_bind().
 *
 * Return: 0, -ENOENT if this socket is not the agent, -ENODEV, -ENOBUFS, ...
 */
int dvpn_agent_unbind(struct dvpn_agent *a, unsigned int ifindex, u32 classes);

/**
 * dvpn_agent_read - take what came, at most @max messages
 * @a: agent socket
 * @max: bound, so that a storm cannot keep an event loop from its timers; the
 *	descriptor stays readable if there is more
 *
 * Never blocks. Callbacks are called from here.
 *
 * Return: 0; -ENOBUFS if the receive buffer overran (messages are lost, dump the
 * table again and go on reading); another negative errno if the socket is broken.
 */
int dvpn_agent_read(struct dvpn_agent *a, unsigned int max);

/**
 * dvpn_agent_backlog - are there messages that the descriptor does not show?
 * @a: agent socket
 *
 * dvpn_agent_bind() keeps what comes before the answer; then call dvpn_agent_read().
 */
bool dvpn_agent_backlog(const struct dvpn_agent *a);

/* ----- notifications of the group "table" ----- */

struct dvpn_mon;

/**
 * struct dvpn_mon_ops - what to call for what came; members may be NULL
 * @map: a mapping is new or changed
 * @map_gone: a mapping is gone; reason: &enum dvpn_reason
 * @peer: a peer is new or changed
 * @peer_gone: a peer is gone
 * @bad: a message that could not be parsed, in words
 */
struct dvpn_mon_ops {
	void (*map)(const struct dvpn_map *map, void *ctx);
	void (*map_gone)(const struct dvpn_map *map, unsigned int reason, void *ctx);
	void (*peer)(const struct dvpn_peer *peer, void *ctx);
	void (*peer_gone)(const struct dvpn_peer *peer, unsigned int reason, void *ctx);
	void (*bad)(const char *text, void *ctx);
};

/**
 * dvpn_mon_open - observe the tables of the namespace
 * @m: where to put the monitor; NULL on failure
 * @ops: whom to call; must outlive the socket
 * @ctx: handed to the callbacks
 *
 * Return: as dvpn_open().
 */
int dvpn_mon_open(struct dvpn_mon **m, const struct dvpn_mon_ops *ops, void *ctx);

/**
 * dvpn_mon_close - stop observing
 * @m: monitor, or NULL
 */
void dvpn_mon_close(struct dvpn_mon *m);

/**
 * dvpn_mon_fd - the descriptor to watch for reading
 * @m: monitor
 */
int dvpn_mon_fd(const struct dvpn_mon *m);

/**
 * dvpn_mon_read - take notifications
 * @m: monitor
 * @max: most messages to take
 *
 * Return: as dvpn_agent_read().
 */
int dvpn_mon_read(struct dvpn_mon *m, unsigned int max);

/* ----- the device as rtnetlink shows it; changed by "ip link ... type dvpn" ----- */

/**
 * struct dvpn_link - a network device, with its dvpn settings if it is one
 * @ifindex: interface index
 * @ifname: name
 * @is_dvpn: it is of kind dvpn; else what follows @master is 0
 * @is_vrf: it is a VRF
 * @up: administratively up
 * @carrier: has carrier
 * @told_ready: user space says whether it is ready for use (link mode dormant)
 * @dormant: it has carrier, but is not ready for use (RFC 2863)
 * @mtu: device MTU, bytes
 * @master: ifindex of the VRF it is in, 0: none
 * @flags: &enum dvpn_link_flags
 * @local4: our IPv4 NBMA address, AF_UNSPEC: any
 * @local6: our IPv6 NBMA address, AF_UNSPEC: any
 * @link_name: underlay interface, empty: none (see flag LINK)
 * @link_ifindex: behind that name, 0 while absent
 * @key: GRE key, host byte order; means something with flag KEY only
 * @port: local UDP port, network byte order, 0: no UDP
 * @ttl: outer TTL, 0 inherits
 * @tos: outer TOS, 1 inherits
 * @df: &enum dvpn_df
 * @domain: redirect domain, 0: this device alone
 * @fwmark: default mark of outer packets
 * @xfrm_if_id: default xfrm interface id
 * @max_maps: most mappings
 * @max_peers: most peers
 * @queue: packets held per unresolved next hop
 * @agent_grace_s: seconds that expiry waits for an agent
 * @rx_source: &enum dvpn_rx_source
 * @down_reason: &enum dvpn_down_reason
 */
struct dvpn_link {
	unsigned int ifindex;
	char ifname[IF_NAMESIZE];
	bool is_dvpn;
	bool is_vrf;
	bool up;
	bool carrier;
	bool told_ready;
	bool dormant;
	u32 mtu;
	u32 master;
	u32 flags;
	struct dvpn_addr local4;
	struct dvpn_addr local6;
	char link_name[IF_NAMESIZE];
	unsigned int link_ifindex;
	u32 key;
	u16 port;
	u8 ttl;
	u8 tos;
	u8 df;
	u32 domain;
	u32 fwmark;
	u32 xfrm_if_id;
	u32 max_maps;
	u32 max_peers;
	u32 queue;
	u32 agent_grace_s;
	u8 rx_source;
	u8 down_reason;
};

/**
 * dvpn_link_get - one device by name, of any kind
 * @ifname: its name
 * @link: filled in
 *
 * Needs no privilege and no module.
 *
 * Return: 0, -ENODEV, or another negative errno.
 */
int dvpn_link_get(const char *ifname, struct dvpn_link *link);

/**
 * dvpn_link_set_ready - say whether a device is ready for use (RFC 2863)
 * @ifindex: the device
 * @told: from now on user space says so; false: it is when it has carrier
 * @ready: it is; false: it is dormant, which to the kernel makes no difference, but
 *	is not running to those who watch it
 *
 * Needs CAP_NET_ADMIN.
 *
 * Return: 0, -ENODEV, -EPERM, or another negative errno.
 */
int dvpn_link_set_ready(unsigned int ifindex, bool told, bool ready);

/**
 * dvpn_link_list - all devices of kind dvpn
 * @out: array that the caller frees with free(); NULL on failure
 * @n: entries in @out
 *
 * Return: as the dumps of a handle.
 */
int dvpn_link_list(struct dvpn_link **out, size_t *n);

/**
 * struct dvpn_ifaddr - an address of a device
 * @addr: the address
 * @prefixlen: of its network
 * @link_local: scope link
 */
struct dvpn_ifaddr {
	struct dvpn_addr addr;
	u8 prefixlen;
	bool link_local;
};

/**
 * dvpn_link_addrs - the addresses of a device, of both families
 * @ifindex: any device
 * @out: array that the caller frees with free(); NULL on failure
 * @n: entries in @out
 *
 * Return: as the dumps of a handle.
 */
int dvpn_link_addrs(unsigned int ifindex, struct dvpn_ifaddr **out, size_t *n);

/**
 * struct dvpn_linkmon_ops - changes of devices and their addresses
 * @link: a device is new or changed (any kind; see is_dvpn)
 * @gone: a device is gone
 * @addr: the addresses of a device changed; ask dvpn_link_addrs()
 */
struct dvpn_linkmon_ops {
	void (*link)(const struct dvpn_link *link, void *ctx);
	void (*gone)(unsigned int ifindex, const char *ifname, void *ctx);
	void (*addr)(unsigned int ifindex, void *ctx);
};

struct dvpn_linkmon;

/**
 * dvpn_linkmon_open - observe the devices of the namespace
 * @m: where to put the monitor; NULL on failure
 * @ops: whom to call; must outlive the socket
 * @ctx: handed to the callbacks
 *
 * Return: 0 or a negative errno.
 */
int dvpn_linkmon_open(struct dvpn_linkmon **m, const struct dvpn_linkmon_ops *ops, void *ctx);

/**
 * dvpn_linkmon_close - stop observing
 * @m: monitor, or NULL
 */
void dvpn_linkmon_close(struct dvpn_linkmon *m);

/**
 * dvpn_linkmon_fd - the descriptor to watch for reading
 * @m: monitor
 */
int dvpn_linkmon_fd(const struct dvpn_linkmon *m);

/**
 * dvpn_linkmon_read - take what changed
 * @m: monitor
 * @max: most messages to take
 *
 * Return: as dvpn_agent_read(); after -ENOBUFS list again.
 */
int dvpn_linkmon_read(struct dvpn_linkmon *m, unsigned int max);

/* ----- names ----- */

/**
 * enum dvpn_names - the enums that have names
 *
 * The name of a value is its identifier without the common prefix, in lower
 * case: DVPN_DROP_TX_NO_MAP is "tx_no_map". Masks are named bit by bit.
 *
 * @DVPN_NAMES_CMD: &enum dvpn_cmd
 * @DVPN_NAMES_ATTR: &enum dvpn_attr
 * @DVPN_NAMES_LINK_ATTR: &enum dvpn_link_attr
 * @DVPN_NAMES_LINK_FLAG: &enum dvpn_link_flags, mask
 * @DVPN_NAMES_DF: &enum dvpn_df
 * @DVPN_NAMES_RX_SOURCE: &enum dvpn_rx_source
 * @DVPN_NAMES_DOWN: &enum dvpn_down_reason
 * @DVPN_NAMES_FEATURE: &enum dvpn_feature, mask
 * @DVPN_NAMES_ENCAP: &enum dvpn_encap
 * @DVPN_NAMES_MAP_FLAG: &enum dvpn_map_flags, mask
 * @DVPN_NAMES_PEER_FLAG: &enum dvpn_peer_flags, mask
 * @DVPN_NAMES_AGENT: &enum dvpn_agent_class, mask
 * @DVPN_NAMES_EVENT: &enum dvpn_event
 * @DVPN_NAMES_REASON: &enum dvpn_reason
 * @DVPN_NAMES_VERDICT: &enum dvpn_verdict
 * @DVPN_NAMES_STAT: &enum dvpn_stat
 * @DVPN_NAMES_DROP: &enum dvpn_drop
 */
enum dvpn_names {
	DVPN_NAMES_CMD,
	DVPN_NAMES_ATTR,
	DVPN_NAMES_LINK_ATTR,
	DVPN_NAMES_LINK_FLAG,
	DVPN_NAMES_DF,
	DVPN_NAMES_RX_SOURCE,
	DVPN_NAMES_DOWN,
	DVPN_NAMES_FEATURE,
	DVPN_NAMES_ENCAP,
	DVPN_NAMES_MAP_FLAG,
	DVPN_NAMES_PEER_FLAG,
	DVPN_NAMES_AGENT,
	DVPN_NAMES_EVENT,
	DVPN_NAMES_REASON,
	DVPN_NAMES_VERDICT,
	DVPN_NAMES_STAT,
	DVPN_NAMES_DROP,
	DVPN_NAMES_MAX,
};

/**
 * dvpn_name - the name of a value
 * @which: the enum
 * @value: a value of it; of a mask a single bit
 *
 * Return: "unknown" if it has none.
 */
const char *dvpn_name(enum dvpn_names which, unsigned int value);

/**
 * dvpn_name_value - the value of a name
 * @which: the enum
 * @name: a name
 *
 * Return: the value or -ENOENT.
 */
int dvpn_name_value(enum dvpn_names which, const char *name);

/**
 * dvpn_mask_str - the names of all bits of a mask, in order
 * @which: the enum
 * @mask: the mask
 * @sep: what goes between two names
 * @buf: where to write; returned
 * @size: bytes that @buf has
 *
 * Bits without a name are one hexadecimal number at the end; 0 is the empty string.
 * Cut to @size.
 */
const char *dvpn_mask_str(enum dvpn_names which, u32 mask, const char *sep, char *buf,
			  size_t size);

static inline const char *dvpn_drop_name(unsigned int drop)
{
	return dvpn_name(DVPN_NAMES_DROP, drop);
}

static inline const char *dvpn_stat_name(unsigned int stat)
{
	return dvpn_name(DVPN_NAMES_STAT, stat);
}

static inline const char *dvpn_event_name(unsigned int event)
{
	return dvpn_name(DVPN_NAMES_EVENT, event);
}

static inline const char *dvpn_reason_name(unsigned int reason)
{
	return dvpn_name(DVPN_NAMES_REASON, reason);
}

static inline const char *dvpn_verdict_name(unsigned int verdict)
{
	return dvpn_name(DVPN_NAMES_VERDICT, verdict);
}

static inline const char *dvpn_encap_name(unsigned int encap)
{
	return dvpn_name(DVPN_NAMES_ENCAP, encap);
}

static inline const char *dvpn_down_name(unsigned int reason)
{
	return dvpn_name(DVPN_NAMES_DOWN, reason);
}

#endif /* DVPN_LIB_H */
