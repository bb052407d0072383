/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside libdvpn: sockets, building and parsing of messages. Parsing never
 * touches a socket, so that it can be tested with any bytes.
 */
#ifndef DVPN_LIB_INTERNAL_H
#define DVPN_LIB_INTERNAL_H

#include <linux/netlink.h>

#include "lib/dvpn.h"

struct nl_msg;
struct nl_sock;

/* ----- attr.c: reading attributes ----- */

/**
 * enum dvpn_kind - what an attribute holds, and so how long it may be
 * @DVPN_KIND_UNKNOWN: not ours to read, ignored
 * @DVPN_KIND_U8: exactly 1 byte
 * @DVPN_KIND_U16: exactly 2 bytes
 * @DVPN_KIND_U32: exactly 4 bytes; also __be32 and IPv4 addresses
 * @DVPN_KIND_U64: exactly 8 bytes
 * @DVPN_KIND_IN6: exactly 16 bytes, an IPv6 address
 * @DVPN_KIND_BITFIELD: struct nla_bitfield32
 * @DVPN_KIND_NAME: interface name, NUL within IF_NAMESIZE bytes
 * @DVPN_KIND_BYTES: any length up to the rule's max
 * @DVPN_KIND_COUNTERS: nest of u64
 * @DVPN_KIND_PAD: alignment, ignored
 */
enum dvpn_kind {
	DVPN_KIND_UNKNOWN,
	DVPN_KIND_U8,
	DVPN_KIND_U16,
	DVPN_KIND_U32,
	DVPN_KIND_U64,
	DVPN_KIND_IN6,
	DVPN_KIND_BITFIELD,
	DVPN_KIND_NAME,
	DVPN_KIND_BYTES,
	DVPN_KIND_COUNTERS,
	DVPN_KIND_PAD,
};

/**
 * struct dvpn_rule - one attribute type
 * @kind: &enum dvpn_kind
 * @max: most bytes, for DVPN_KIND_BYTES
 */
struct dvpn_rule {
	u8 kind;
	u16 max;
};

extern const struct dvpn_rule dvpn_genl_rules[DVPN_A_MAX + 1];
extern const struct dvpn_rule dvpn_link_rules[IFLA_DVPN_MAX + 1];

#define DVPN_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/**
 * dvpn_attrs_split - sort attributes into a table, checking each length
 * @tb: table of @max + 1 entries, by type; those that did not come are NULL
 * @max: largest attribute type that is known
 * @rules: what each type must look like; NULL checks bounds alone
 * @data: first attribute
 * @len: bytes from there
 *
 * Return: 0; -EBADMSG if an attribute does not fit into @len or into its rule,
 * or if bytes are left over.
 */
int dvpn_attrs_split(const struct nlattr **tb, unsigned int max, const struct dvpn_rule *rules,
		     const void *data, size_t len);

bool dvpn_attr_fits(const struct nlattr *attr, const struct dvpn_rule *rule);
const void *dvpn_attr_data(const struct nlattr *attr);
unsigned int dvpn_attr_len(const struct nlattr *attr);

/*
 * Values of attributes that dvpn_attrs_split() has checked. An absent one is 0,
 * no address or no bytes.
 */
u8 dvpn_get_u8(const struct nlattr *attr);
u16 dvpn_get_u16(const struct nlattr *attr);
u32 dvpn_get_u32(const struct nlattr *attr);
u64 dvpn_get_u64(const struct nlattr *attr);
void dvpn_get_bitfield(const struct nlattr *attr, u32 *value, u32 *selector);
void dvpn_get_name(const struct nlattr *attr, char name[IF_NAMESIZE]);
void dvpn_get_cookie(const struct nlattr *attr, struct dvpn_cookie *cookie);
/* -EBADMSG if both are there. */
int dvpn_get_addr(const struct nlattr *a4, const struct nlattr *a6, struct dvpn_addr *addr);
/* Counters of an unknown type are ignored. -EBADMSG. */
int dvpn_get_counters(const struct nlattr *nest, unsigned int max, u64 *counters);
int dvpn_get_peer_key(const struct nlattr **tb, struct dvpn_peer_key *key);
void dvpn_get_sa(const struct nlattr **tb, struct dvpn_sa *sa);
void dvpn_get_stamp(const struct nlattr **tb, struct dvpn_stamp *stamp);

/* ----- build.c: putting requests together ----- */

/**
 * struct dvpn_build - a request being put together
 * @msg: the message
 * @err: first error, -ENOMEM or -EINVAL; then nothing more is added
 */
struct dvpn_build {
	struct nl_msg *msg;
	int err;
};

/* @room: bytes that the attributes may take. @flags: NLM_F_*. */
void dvpn_build_start(struct dvpn_build *b, int family, u8 cmd, u16 flags, size_t room);
/* Gives the message away, or frees it and returns NULL if something failed. */
struct nl_msg *dvpn_build_end(struct dvpn_build *b, int *err);
void dvpn_build_fail(struct dvpn_build *b, int err);

void dvpn_put(struct dvpn_build *b, int type, const void *data, size_t len);
void dvpn_put_u8(struct dvpn_build *b, int type, u8 value);
void dvpn_put_u32(struct dvpn_build *b, int type, u32 value);
void dvpn_put_u64(struct dvpn_build *b, int type, u64 value);
void dvpn_put_bitfield(struct dvpn_build *b, int type, u32 value, u32 selector);
/* Neither IPv4 nor IPv6 is -EINVAL. */
void dvpn_put_addr(struct dvpn_build *b, int type4, int type6, const struct dvpn_addr *addr);
void dvpn_put_cookie(struct dvpn_build *b, const struct dvpn_cookie *cookie);
void dvpn_put_peer_key(struct dvpn_build *b, const struct dvpn_peer_key *key);
void dvpn_put_match(struct dvpn_build *b, const struct dvpn_match *match, u32 allowed);

/* ----- messages: map.c, peer.c, frame.c, event.c, dev.c, link.c ----- */

/* What names the mapping: proto, or without it id. */
void dvpn_put_map_name(struct dvpn_build *b, const struct dvpn_map *map);
/* All that it has, but for what only the kernel can say. */
void dvpn_put_map(struct dvpn_build *b, const struct dvpn_map *map);
int dvpn_get_map(const struct nlattr **tb, struct dvpn_map *map);
/* As get, but -EBADMSG if what every entry of the table has is missing. */
int dvpn_get_map_entry(const struct nlattr **tb, struct dvpn_map *map);
/* What names the peer: key, or without it id. */
void dvpn_put_peer_name(struct dvpn_build *b, const struct dvpn_peer *peer);
void dvpn_put_peer(struct dvpn_build *b, const struct dvpn_peer *peer);
int dvpn_get_peer(const struct nlattr **tb, struct dvpn_peer *peer);
int dvpn_get_peer_entry(const struct nlattr **tb, struct dvpn_peer *peer);
void dvpn_put_group(struct dvpn_build *b, const struct dvpn_group *group);
int dvpn_get_group(const struct nlattr **tb, struct dvpn_group *group);
int dvpn_get_dev(const struct nlattr **tb, struct dvpn_dev *dev);
void dvpn_put_frame(struct dvpn_build *b, const struct dvpn_frame *frame);
int dvpn_get_frame(const struct nlattr **tb, struct dvpn_frame *frame);
int dvpn_get_event(const struct nlattr **tb, struct dvpn_event_msg *event);
/* @tb: attributes of IFLA_INFO_DATA, that fit dvpn_link_rules. */
void dvpn_get_link_data(const struct nlattr **tb, struct dvpn_link *link);
/* @nlh: RTM_NEWLINK or RTM_DELLINK of family AF_UNSPEC, whole. */
int dvpn_get_link(const struct nlmsghdr *nlh, struct dvpn_link *link);

/* ----- rtnl.c ----- */

struct dvpn_linkmon_ops;

/* @nlh: whole. Return: 1 if it is an address of @ifindex, 0 if it is none, -EBADMSG. */
int dvpn_get_ifaddr(const struct nlmsghdr *nlh, unsigned int ifindex, struct dvpn_ifaddr *a);
/* Calls that one of @ops that it is news for, or none. @nlh: whole. */
void dvpn_linkmon_handle(const struct nlmsghdr *nlh, const struct dvpn_linkmon_ops *ops,
			 void *ctx);

/* ----- sock.c: a netlink socket ----- */

#define DVPN_TEXT_MAX	256

/**
 * struct dvpn_sock - a netlink socket and one datagram
 * @nl: libnl's socket
 * @fd: its descriptor
 * @family: id of the generic netlink family, 0 on a rtnetlink socket
 * @seq: sequence number of the last request
 * @buf: DVPN_RECV_MAX bytes
 */
struct dvpn_sock {
	struct nl_sock *nl;
	int fd;
	int family;
	u32 seq;
	u8 *buf;
};

#define DVPN_RECV_MAX	65536

/*
 * @protocol: NETLINK_GENERIC, whose family is resolved, or NETLINK_ROUTE.
 * @rcvbuf: bytes of receive buffer to ask for.
 */
int dvpn_sock_open(struct dvpn_sock *s, int protocol, unsigned int rcvbuf);
void dvpn_sock_close(struct dvpn_sock *s);
/* Whether anything can be read within @timeout_ms. Return: 1, 0 or a negative errno. */
int dvpn_sock_wait(const struct dvpn_sock *s, int timeout_ms);
/* Sends one request, after giving it its sequence number; frees it. */
int dvpn_sock_send(struct dvpn_sock *s, struct nl_msg *msg);
/* One datagram of the kernel into @buf. @wait: block. Return: its length, or -EAGAIN, ... */
int dvpn_sock_recv(struct dvpn_sock *s, bool wait);

/* One message of a datagram; not 0 ends the walk. */
typedef int (*dvpn_msg_fn)(const struct nlmsghdr *nlh, void *ctx);

/* Calls @fn for each message of a datagram. -EBADMSG: they do not fit. */
int dvpn_walk(const void *buf, size_t len, dvpn_msg_fn fn, void *ctx);
/* Takes up to @max datagrams that are there. Return: 0 or a negative errno. */
int dvpn_sock_pump(struct dvpn_sock *s, unsigned int max, dvpn_msg_fn fn, void *ctx);

/**
 * dvpn_parse_ack - what the kernel says to a request
 * @nlh: NLMSG_ERROR or NLMSG_DONE, whole
 * @family: our generic netlink family, to name the attribute that was refused; 0: none
 * @text: the explanation goes here, "" if there is none
 *
 * Return: the kernel's answer, 0 or a negative errno; -EBADMSG.
 */
int dvpn_parse_ack(const struct nlmsghdr *nlh, int family, char text[DVPN_TEXT_MAX]);

/* Splits the attributes of a message of our family; @tb has DVPN_A_MAX + 1. Return: -EBADMSG. */
int dvpn_parse_genl(const struct nlmsghdr *nlh, u8 *cmd, const struct nlattr **tb);

/**
 * dvpn_transact - send a request and take all of its answer
 * @s: socket that nothing else comes to
 * @msg: the request; freed
 * @fn: called for each message of the answer that is not its end
 * @ctx: for @fn
 * @text: the kernel's explanation of a refusal
 *
 * Return: 0, 1 if it was a dump during which the table changed, the kernel's
 * negative errno, or what @fn returned first.
 */
int dvpn_transact(struct dvpn_sock *s, struct nl_msg *msg, dvpn_msg_fn fn, void *ctx,
		  char text[DVPN_TEXT_MAX]);

/* ----- chan.c, handle.c: what the requests of the other files go through ----- */

/* Starts a request for a device; room is enough for all but frames. */
void dvpn_chan_start(struct dvpn_chan *c, struct dvpn_build *b, u8 cmd, u16 flags,
		     unsigned int ifindex, size_t room);
/* Ends and queues it. Return: 0, or what failed while it was built. */
int dvpn_chan_queue(struct dvpn_chan *c, struct dvpn_build *b, dvpn_ack_fn fn, void *ctx);

#define DVPN_ENTRY_ROOM	512	/* bytes that the attributes of an entry fit into */

#endif /* DVPN_LIB_INTERNAL_H */
