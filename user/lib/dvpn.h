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

/* 4, 16 or, for no address, 0 bytes. */
unsigned int dvpn_addr_len(const struct dvpn_addr *addr);
bool dvpn_addr_equal(const struct dvpn_addr *a, const struct dvpn_addr *b);
/* Is it 0.0.0.0, :: or no address at all? */
bool dvpn_addr_is_any(const struct dvpn_addr *addr);
/* Numeric only. -EINVAL leaves *addr untouched. */
int dvpn_addr_parse(const char *text, struct dvpn_addr *addr);
/* Writes "none" for no address. Returns @buf. */
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

/* Sets @map to a host mapping of @proto on a device: has = PROTO. */
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
 * @lost: messages that did not fit since the last one that did; if not 0 the
 *	agent's picture of the table is stale: dump again
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
void dvpn_close(struct dvpn_handle *h);

/* What went wrong in the last call on this handle, in words; never NULL. */
const char *dvpn_error(const struct dvpn_handle *h);

/*
 * Dumps. @ifindex 0 takes every device of the namespace. *out is an array of *n
 * that the caller frees with free(); on error it is NULL and *n is 0.
 *
 * Return: 0; 1 if the table kept changing during every one of a few attempts
 * (what was there all the time is in the array exactly once); negative errno.
 */
int dvpn_dump_maps(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_map **out, size_t *n);
int dvpn_dump_peers(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_peer **out,
		    size_t *n);
int dvpn_dump_groups(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_group **out,
		     size_t *n);
int dvpn_dump_devs(struct dvpn_handle *h, struct dvpn_dev **out, size_t *n);

int dvpn_dev_get(struct dvpn_handle *h, unsigned int ifindex, struct dvpn_dev *dev);

/* One mapping, named by id or by proto and prefixlen in *map; filled in. -ENOENT. */
int dvpn_map_get(struct dvpn_handle *h, struct dvpn_map *map);
/* One peer, named by id or by key in *peer; filled in. -ENOENT. */
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

int dvpn_chan_open(struct dvpn_chan **c);
/*
 * Unanswered requests get -ECANCELED; what their callbacks ask for is dropped. Not
 * to be called from within a callback.
 */
void dvpn_chan_close(struct dvpn_chan *c);
/* Watch for reading. */
int dvpn_chan_fd(const struct dvpn_chan *c);

/*
 * Requests. Each is put into the queue and leaves with the next
 * dvpn_chan_flush(); order is kept. @fn may be NULL.
 *
 * Return: 0 if queued (then @fn is called later, never from here); -EINVAL if a
 * member is out of range or a mandatory one missing; -ENOMEM.
 */
int dvpn_map_new(struct dvpn_chan *c, const struct dvpn_map *map, dvpn_ack_fn fn, void *ctx);
/* As new, but an existing mapping is replaced, if it satisfies @match. */
int dvpn_map_replace(struct dvpn_chan *c, const struct dvpn_map *map,
		     const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx);
/*
 * Named by proto, or without it by id; the other members that it has are changed.
 * What only the kernel can say (age, idle, peer_id, flag INCOMPLETE) is not sent,
 * so a mapping that came from a dump may be given back.
 */
int dvpn_map_set(struct dvpn_chan *c, const struct dvpn_map *map, const struct dvpn_match *match,
		 dvpn_ack_fn fn, void *ctx);
int dvpn_map_del(struct dvpn_chan *c, const struct dvpn_map *map, const struct dvpn_match *match,
		 dvpn_ack_fn fn, void *ctx);
/* Deletes what satisfies @match and whose flags equal @flags under @flags_mask. */
int dvpn_map_flush(struct dvpn_chan *c, unsigned int ifindex, const struct dvpn_match *match,
		   u32 flags, u32 flags_mask, dvpn_ack_fn fn, void *ctx);

int dvpn_peer_new(struct dvpn_chan *c, const struct dvpn_peer *peer, dvpn_ack_fn fn, void *ctx);
int dvpn_peer_replace(struct dvpn_chan *c, const struct dvpn_peer *peer,
		      const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx);
int dvpn_peer_set(struct dvpn_chan *c, const struct dvpn_peer *peer,
		  const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx);
int dvpn_peer_del(struct dvpn_chan *c, const struct dvpn_peer *peer,
		  const struct dvpn_match *match, dvpn_ack_fn fn, void *ctx);
/* Only peers that no mapping points to. */
int dvpn_peer_flush(struct dvpn_chan *c, unsigned int ifindex, const struct dvpn_match *match,
		    dvpn_ack_fn fn, void *ctx);

int dvpn_group_new(struct dvpn_chan *c, const struct dvpn_group *group, dvpn_ack_fn fn,
		   void *ctx);
int dvpn_group_del(struct dvpn_chan *c, const struct dvpn_group *group, dvpn_ack_fn fn,
		   void *ctx);

/*
 * Send an NHRP packet. The ack is the result: 0 sent, -EHOSTUNREACH, -EMSGSIZE,
 * -EINPROGRESS (no security association yet), -EPERM (policy), -ENETDOWN.
 * The bytes are copied.
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

/* Requests that are queued or not answered yet. */
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

/* @ops and what it points to must outlive the agent. */
int dvpn_agent_open(struct dvpn_agent **a, const struct dvpn_agent_ops *ops, void *ctx);
/* Ends every binding of this socket. Not from within a callback. */
void dvpn_agent_close(struct dvpn_agent *a);
int dvpn_agent_fd(const struct dvpn_agent *a);
/* What went wrong in the last bind or unbind, in words; never NULL. */
const char *dvpn_agent_error(const struct dvpn_agent *a);

/**
 * dvpn_agent_bind - become a device's agent
 * @a: agent socket; may be bound to several devices
 * @ifindex: the dvpn device
 * @classes: mask of &enum dvpn_agent_class
 * @features: where to put the module's features, or NULL
 * @generation: where to put the table's generation, or NULL
 *
 * Waits for the answer. Frames and events that come meanwhile are kept and
 * given out by the next dvpn_agent_read().
 *
 * Return: 0, -EBUSY if another socket is the agent, -ENODEV, -EPERM, ...
 */
int dvpn_agent_bind(struct dvpn_agent *a, unsigned int ifindex, u32 classes,
		    u32 *features, u32 *generation);
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

/* Are there messages, kept by dvpn_agent_bind(), that the fd does not show? */
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

int dvpn_mon_open(struct dvpn_mon **m, const struct dvpn_mon_ops *ops, void *ctx);
void dvpn_mon_close(struct dvpn_mon *m);
int dvpn_mon_fd(const struct dvpn_mon *m);
/* As dvpn_agent_read(). */
int dvpn_mon_read(struct dvpn_mon *m, unsigned int max);

/* ----- the device as rtnetlink shows it; changed by "ip link ... type dvpn" ----- */

/**
 * struct dvpn_link - a network device, with its dvpn settings if it is one
 * @ifindex: interface index
 * @ifname: name
 * @is_dvpn: it is of kind dvpn; else what follows @mtu is 0
 * @up: administratively up
 * @carrier: has carrier
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
	bool up;
	bool carrier;
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

/* One device by name. -ENODEV. Needs no privilege and no module. */
int dvpn_link_get(const char *ifname, struct dvpn_link *link);
/* Every device of kind dvpn; *out as in the dumps above. */
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

/* Addresses of a device, both families; *out as in the dumps above. */
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

int dvpn_linkmon_open(struct dvpn_linkmon **m, const struct dvpn_linkmon_ops *ops, void *ctx);
void dvpn_linkmon_close(struct dvpn_linkmon *m);
int dvpn_linkmon_fd(const struct dvpn_linkmon *m);
/* As dvpn_agent_read(); after -ENOBUFS list again. */
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

/* The name of a value, for masks of a single bit; "unknown" if it has none. */
const char *dvpn_name(enum dvpn_names which, unsigned int value);
/* The value of a name; -ENOENT. */
int dvpn_name_value(enum dvpn_names which, const char *name);
/*
 * The names of all bits of @mask in order, joined by @sep; unknown bits as one
 * hexadecimal number; "" for 0. Cut to @size. Returns @buf.
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
