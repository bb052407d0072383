/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_FUZZ_NLFUZZ_H
#define TESTS_FUZZ_NLFUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define LEN(array)	(sizeof(array) / sizeof((array)[0]))

#define N_DEVS		6	/* fz0 ... are made, changed and removed */
#define ATTRS_MAX	24
#define POOL_SIZE	12
#define BATCH_MAX	8
#define MESSAGE_MAX	20000	/* bytes of one */

/**
 * enum attr_kind - how the bytes of an attribute are made
 * @KIND_NUMBER: in host byte order, for addresses see &attr_spec.family
 * @KIND_BITS: struct nla_bitfield32
 * @KIND_STRING: with a 0 at its end
 * @KIND_BYTES: anything, for addresses see &attr_spec.family
 * @KIND_NEST: attributes
 */
enum attr_kind {
	KIND_NUMBER,
	KIND_BITS,
	KIND_STRING,
	KIND_BYTES,
	KIND_NEST,
};

/**
 * struct attr_spec - one attribute, as the specification has it
 * @name: its name there
 * @kind: how it is made
 * @min_len: fewest bytes
 * @max_len: most bytes
 * @min: of a number
 * @max: of a number; bits of a bitfield
 * @family: AF_INET, AF_INET6: it is an address
 */
struct attr_spec {
	const char *name;
	enum attr_kind kind;
	u32 min_len;
	u32 max_len;
	u64 min;
	u64 max;
	int family;
};

/**
 * struct op_spec - one kind of request
 * @name: the command's name
 * @cmd: its number
 * @dump: the request is a dump
 * @n: length of @attrs
 * @attrs: what the request may have
 * @n_reply: length of @reply
 * @reply: what the answer may have
 */
struct op_spec {
	const char *name;
	u8 cmd;
	bool dump;
	u8 n;
	u8 attrs[40];
	u8 n_reply;
	u8 reply[40];
};

/**
 * struct attr - an attribute to be sent, perhaps broken
 * @type: with flags
 * @lie: added to the length that its header tells
 * @len: bytes
 * @data: the first of them, the rest is zero
 */
struct attr {
	u16 type;
	short lie;
	u16 len;
	u8 data[72];
};

/**
 * struct message - a request to be sent, perhaps broken
 * @type: netlink message type
 * @flags: netlink flags
 * @cmd: generic netlink command
 * @version: generic netlink version
 * @reserved: of that header
 * @head_len: bytes of @head
 * @head: instead of the generic netlink header: that of rtnetlink, with the
 *	attributes that do not belong to the kind
 * @linkinfo: @attrs are those of the kind, within IFLA_LINKINFO
 * @cut: bytes missing at the end
 * @n: length of @attrs
 * @attrs: attributes
 */
struct message {
	u16 type;
	u16 flags;
	u8 cmd;
	u8 version;
	u16 reserved;
	u8 head_len;
	u8 head[160];
	bool linkinfo;
	u8 cut;
	u8 n;
	struct attr attrs[ATTRS_MAX];
};

/**
 * struct rng - random numbers, the same for one seed
 * @state: any
 */
struct rng {
	u64 state;
};

/**
 * struct gen - what messages are made of
 * @rng: random numbers
 * @ifindex: devices to work on
 * @n_ifindex: length of @ifindex
 * @calm: no entry may expire by itself
 * @pool: requests that were accepted, by operation
 * @n_pool: how many of each
 */
struct gen {
	struct rng rng;
	u32 ifindex[N_DEVS + 1];
	u32 n_ifindex;
	bool calm;
	struct message (*pool)[POOL_SIZE];
	u8 *n_pool;
};

/* nlfuzz-message.c */
extern const unsigned int n_ops;
const struct op_spec *op_get(unsigned int op);
u32 rnd(struct rng *rng, u32 n);
bool gen_init(struct gen *gen, u64 seed);
void gen_free(struct gen *gen);
void gen_request(struct gen *gen, struct message *msg, unsigned int op, u16 family);
void gen_accepted(struct gen *gen, const struct message *msg, unsigned int op);
void gen_link_attrs(struct gen *gen, struct message *msg);
void mutate(struct gen *gen, struct message *msg, unsigned int n_types);
size_t put_attr(u8 *buf, const struct attr *attr);
size_t encode(const struct message *msg, u8 *buf, u32 seq);

/**
 * struct chan - a netlink socket
 * @nl: libnl's
 * @fd: its descriptor
 * @family: number of family "dvpn"
 * @seq: of the last request
 * @overrun: its buffer was too small for the answers
 */
struct chan {
	struct nl_sock *nl;
	int fd;
	u16 family;
	u32 seq;
	bool overrun;
};

/* Called for every message that is an answer to one of the requests. */
typedef void (*answer_fn)(const struct nlmsghdr *nlh, void *arg);

/* nlfuzz-chan.c */
bool chan_open(struct chan *chan, int protocol, int rcvbuf);
void chan_close(struct chan *chan);
void chan_drain(struct chan *chan);
bool chan_exchange(struct chan *chan, const struct message *msgs, unsigned int n, int *status,
		   answer_fn fn, void *arg);

/* nlfuzz-link.c */
u32 dev_index(const char *name);
void link_step(struct gen *gen, struct chan *rtnl, int other_ns);
bool link_make(struct chan *rtnl, const char *name, u32 key);
void link_remove(struct chan *rtnl, const char *name);

/* nlfuzz-oracle.c */
bool oracle_step(struct gen *gen, struct chan *chan);
u32 oracle_accepted(void);

/* nlfuzz.c: tells what is wrong, and the end of it all. */
void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
