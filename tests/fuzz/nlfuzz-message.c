// SPDX-License-Identifier: GPL-2.0
/* Requests by the specification, and what is done to them. */
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <linux/dvpn.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>

#include "nlfuzz.h"
#include "nlfuzz-table.h"

const unsigned int n_ops = LEN(ops);

/**
 * op_get() - one kind of request
 * @op: its number in the table
 *
 * Return: its description.
 */
const struct op_spec *op_get(unsigned int op)
{
	return &ops[op];
}

/* ----- random numbers (splitmix64) ----- */

static u64 rnd64(struct rng *rng)
{
	u64 z = (rng->state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/**
 * rnd() - a random number
 * @rng: where from
 * @n: not 0
 *
 * Return: less than @n.
 */
u32 rnd(struct rng *rng, u32 n)
{
	return rnd64(rng) % n;
}

static bool chance(struct rng *rng, u32 percent)
{
	return rnd(rng, 100) < percent;
}

static void rnd_bytes(struct rng *rng, u8 *data, size_t len)
{
	while (len--)
		*data++ = rnd64(rng);
}

/* ----- values: few different ones, so that requests meet ----- */

static void value_ipv4(struct rng *rng, u8 *data)
{
	static const char *const special[] = {
		"0.0.0.0", "127.0.0.1", "255.255.255.255", "224.0.0.5", "239.1.1.1", "239.1.1.2",
		"10.0.0.0", "10.0.0.255", "192.0.2.255",
	};
	static const char *const nets[] = { "10.0.0.0", "192.0.2.0" };

	if (chance(rng, 15)) {
		inet_pton(AF_INET, special[rnd(rng, LEN(special))], data);
		return;
	}
	inet_pton(AF_INET, nets[rnd(rng, LEN(nets))], data);
	data[3] = rnd(rng, 24);
}

static void value_ipv6(struct rng *rng, u8 *data)
{
	static const char *const special[] = {
		"::", "::1", "ff02::1", "ff05::7", "fe80::1", "::ffff:192.0.2.1", "64:ff9b::1",
	};
	static const char *const nets[] = { "fd00::", "2001:db8::" };

	if (chance(rng, 15)) {
		inet_pton(AF_INET6, special[rnd(rng, LEN(special))], data);
		return;
	}
	inet_pton(AF_INET6, nets[rnd(rng, LEN(nets))], data);
	data[15] = rnd(rng, 24);
}

static u64 value_number(struct rng *rng, const struct attr_spec *spec)
{
	static const u8 usual[] = { 8, 16, 24, 32, 48, 64, 128 };
	u64 range = spec->max - spec->min;

	switch (rnd(rng, 8)) {
	case 0:
		return spec->min + (range == UINT64_MAX ? rnd64(rng) : rnd64(rng) % (range + 1));
	case 1:
		return spec->max;
	case 2:
		return usual[rnd(rng, LEN(usual))];
	case 3:
		return spec->min + (u64)rnd(rng, 32) * 4;
	default:
		return spec->min + rnd(rng, 40) % (range < 40 ? range + 1 : 40);
	}
}

static void value_bits(struct rng *rng, const struct attr_spec *spec, u8 *data)
{
	struct nla_bitfield32 bits;

	bits.selector = rnd64(rng) & spec->max;
	if (chance(rng, 50))
		bits.selector &= rnd64(rng);
	bits.value = rnd64(rng) & bits.selector;
	if (chance(rng, 3))
		bits.value = rnd64(rng);
	memcpy(data, &bits, sizeof(bits));
}

/* Something valid, as far as the specification tells. */
static void value(struct gen *gen, const struct attr_spec *spec, struct attr *attr)
{
	struct rng *rng = &gen->rng;
	u64 number;

	memset(attr->data, 0, sizeof(attr->data));
	attr->lie = 0;
	attr->len = spec->min_len;
	if (spec->max_len > spec->min_len && chance(rng, 80))
		attr->len += rnd(rng, chance(rng, 10) ? spec->max_len - spec->min_len + 1 :
				 spec->max_len - spec->min_len > 64 ? 64 :
				 spec->max_len - spec->min_len + 1);

	if (spec->family == AF_INET) {
		value_ipv4(rng, attr->data);
	} else if (spec->family == AF_INET6) {
		value_ipv6(rng, attr->data);
	} else if (spec->kind == KIND_NUMBER) {
		number = value_number(rng, spec);
		memcpy(attr->data, &number, sizeof(number));
	} else if (spec->kind == KIND_BITS) {
		value_bits(rng, spec, attr->data);
	} else if (spec->kind == KIND_STRING && chance(rng, 80)) {
		memcpy(attr->data, chance(rng, 50) ? "u0" : "u1", 3);
		attr->len = 3;
	} else {
		rnd_bytes(rng, attr->data, attr->len < sizeof(attr->data) ? attr->len :
			  sizeof(attr->data));
	}
}

static const struct attr_spec *spec_of(const struct message *msg, u16 type)
{
	if (msg->head_len)
		return type < LEN(link_attrs) ? &link_attrs[type] : NULL;
	return type < LEN(dvpn_attrs) ? &dvpn_attrs[type] : NULL;
}

static void add_attr(struct gen *gen, struct message *msg, u16 type)
{
	const struct attr_spec *spec = spec_of(msg, type);
	struct attr *attr;
	u32 ifindex;

	if (msg->n == ATTRS_MAX || !spec)
		return;
	attr = &msg->attrs[msg->n++];
	attr->type = type;
	value(gen, spec, attr);
	if (!msg->head_len && type == DVPN_A_IFINDEX && gen->n_ifindex) {
		ifindex = gen->ifindex[rnd(&gen->rng, gen->n_ifindex)];
		memcpy(attr->data, &ifindex, sizeof(ifindex));
	}
}

/* Nothing may expire while it is looked at. */
static void keep_calm(struct message *msg)
{
	const u64 hour_ms = 3600000;
	unsigned int i;
	u64 ms;

	for (i = 0; i < msg->n; i++) {
		struct attr *attr = &msg->attrs[i];

		memcpy(&ms, attr->data, sizeof(ms));
		if (attr->type != DVPN_A_EXPIRES_MS || !ms || ms >= hour_ms)
			continue;
		ms += hour_ms;
		memcpy(attr->data, &ms, sizeof(ms));
	}
}

/* ----- requests ----- */

static void from_spec(struct gen *gen, struct message *msg, const struct op_spec *op)
{
	u32 percent = chance(&gen->rng, 50) ? 15 : 40;
	unsigned int i;

	msg->n = 0;
	for (i = 0; i < op->n; i++)
		if (op->attrs[i] == DVPN_A_IFINDEX || chance(&gen->rng, percent))
			add_attr(gen, msg, op->attrs[i]);
}

/* Of a request that was accepted once: other values, one more, one less. */
static void from_pool(struct gen *gen, struct message *msg, const struct op_spec *op)
{
	struct rng *rng = &gen->rng;
	unsigned int i;

	for (i = 0; i < msg->n; i++) {
		u16 type = msg->attrs[i].type;

		if (type != DVPN_A_IFINDEX && chance(rng, 40))
			value(gen, &dvpn_attrs[type], &msg->attrs[i]);
	}
	if (chance(rng, 40))
		add_attr(gen, msg, op->attrs[rnd(rng, op->n)]);
	if (msg->n > 1 && chance(rng, 20)) {
		i = rnd(rng, msg->n);
		memmove(&msg->attrs[i], &msg->attrs[i + 1],
			(msg->n - i - 1) * sizeof(msg->attrs[0]));
		msg->n--;
	}
}

/**
 * gen_request() - make a request that may be accepted
 * @gen: what of
 * @msg: filled in
 * @op: number of the operation
 * @family: number of family "dvpn"
 */
void gen_request(struct gen *gen, struct message *msg, unsigned int op, u16 family)
{
	struct rng *rng = &gen->rng;

	memset(msg, 0, offsetof(struct message, attrs));
	if (gen->n_pool[op] && chance(rng, 70)) {
		*msg = gen->pool[op][rnd(rng, gen->n_pool[op])];
		from_pool(gen, msg, &ops[op]);
	} else {
		from_spec(gen, msg, &ops[op]);
	}
	msg->type = family;
	msg->cmd = ops[op].cmd;
	msg->version = DVPN_GENL_VERSION;
	msg->flags = NLM_F_REQUEST | NLM_F_ACK | (ops[op].dump ? NLM_F_DUMP : 0);
	if (!ops[op].dump && chance(rng, 30))
		msg->flags |= NLM_F_REPLACE;
	if (gen->calm)
		keep_calm(msg);
}

/**
 * gen_accepted() - a request was accepted: make more like it
 * @gen: of what to make them
 * @msg: the request
 * @op: number of the operation
 */
void gen_accepted(struct gen *gen, const struct message *msg, unsigned int op)
{
	unsigned int i;

	/* Only what is a request by the specification. */
	for (i = 0; i < msg->n; i++)
		if (msg->attrs[i].type >= LEN(dvpn_attrs))
			return;
	if (gen->n_pool[op] < POOL_SIZE)
		gen->pool[op][gen->n_pool[op]++] = *msg;
	else
		gen->pool[op][rnd(&gen->rng, POOL_SIZE)] = *msg;
}

/**
 * gen_link_attrs() - attributes of a link of kind "dvpn"
 * @gen: what of
 * @msg: gets them
 */
void gen_link_attrs(struct gen *gen, struct message *msg)
{
	unsigned int type;

	msg->n = 0;
	for (type = 1; type < LEN(link_attrs); type++)
		if (chance(&gen->rng, 10))
			add_attr(gen, msg, type);
}

/* ----- what is done to them ----- */

static void mutate_attr(struct gen *gen, struct message *msg)
{
	struct rng *rng = &gen->rng;
	struct attr *attr = &msg->attrs[rnd(rng, msg->n)];
	const struct attr_spec *spec = spec_of(msg, attr->type & NLA_TYPE_MASK);
	u64 number;

	switch (rnd(rng, 9)) {
	case 0:
		attr->len = rnd(rng, sizeof(attr->data));
		break;
	case 1:
		attr->len += rnd(rng, 2) ? 1 : -(attr->len > 0);
		break;
	case 2:
		attr->lie = (int)rnd(rng, 24) - 12;
		break;
	case 3:
		attr->lie = chance(rng, 50) ? -(attr->len + NLA_HDRLEN) : 30000;
		break;
	case 4:
		attr->type |= chance(rng, 50) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
		break;
	case 5:
		attr->type = rnd(rng, chance(rng, 80) ? 90 : 0x4000);
		break;
	case 6:
		number = chance(rng, 50) && spec ? spec->max + 1 : rnd64(rng);
		memcpy(attr->data, &number, sizeof(number));
		break;
	case 7:
		if (chance(rng, 10))
			attr->len = 8180 + rnd(rng, 40);
		break;
	default:
		rnd_bytes(rng, attr->data, sizeof(attr->data));
	}
}

/* An attribute within an attribute, perhaps of the same type. */
static void mutate_nest(struct gen *gen, struct message *msg)
{
	struct attr *attr = &msg->attrs[rnd(&gen->rng, msg->n)];
	struct attr inner = *attr;

	inner.lie = 0;
	if (inner.len > sizeof(attr->data) - NLA_HDRLEN)
		inner.len = sizeof(attr->data) - NLA_HDRLEN - 4;
	attr->len = put_attr(attr->data, &inner);
	if (chance(&gen->rng, 50))
		attr->type |= NLA_F_NESTED;
}

static void mutate_header(struct gen *gen, struct message *msg)
{
	struct rng *rng = &gen->rng;

	switch (rnd(rng, 5)) {
	case 0:
		msg->flags = rnd64(rng) | NLM_F_REQUEST | NLM_F_ACK;
		break;
	case 1:
		msg->cmd = rnd(rng, 40);
		break;
	case 2:
		msg->version = rnd(rng, 256);
		break;
	case 3:
		msg->reserved = rnd(rng, 0x10000);
		break;
	default:
		msg->flags ^= 1 << (8 + rnd(rng, 4));
	}
}

/**
 * mutate() - break a request here and there
 * @gen: random numbers
 * @msg: the request
 * @n_types: attributes of other operations to be added are below that
 */
void mutate(struct gen *gen, struct message *msg, unsigned int n_types)
{
	struct rng *rng = &gen->rng;
	unsigned int times = 1 + rnd(rng, 3);

	while (times--) {
		switch (rnd(rng, 10)) {
		case 0:
		case 1:
			mutate_header(gen, msg);
			break;
		case 2:
			add_attr(gen, msg, rnd(rng, n_types));
			break;
		case 3:
			if (msg->n && msg->n < ATTRS_MAX) {
				msg->attrs[msg->n] = msg->attrs[rnd(rng, msg->n)];
				msg->n++;
			}
			break;
		case 4:
			msg->cut = rnd(rng, 30);
			break;
		case 5:
			if (msg->n)
				mutate_nest(gen, msg);
			break;
		default:
			if (msg->n)
				mutate_attr(gen, msg);
		}
	}
	if (gen->calm)
		keep_calm(msg);
}

/* ----- bytes ----- */

/**
 * put_attr() - write an attribute
 * @buf: where to
 * @attr: the attribute
 *
 * Return: bytes written, with padding.
 */
size_t put_attr(u8 *buf, const struct attr *attr)
{
	struct nlattr nla = { .nla_len = NLA_HDRLEN + attr->len + attr->lie,
			      .nla_type = attr->type };
	size_t have = attr->len < sizeof(attr->data) ? attr->len : sizeof(attr->data);

	memset(buf, 0, NLA_ALIGN(NLA_HDRLEN + attr->len));
	memcpy(buf, &nla, sizeof(nla));
	memcpy(buf + NLA_HDRLEN, attr->data, have);
	return NLA_ALIGN(NLA_HDRLEN + attr->len);
}

/* As put_attr() does it: the kind, and in another attribute what it has. */
static size_t put_linkinfo(const struct message *msg, u8 *buf)
{
	static const struct attr kind = { .type = IFLA_INFO_KIND, .len = 5, .data = "dvpn" };
	struct nlattr *info = (struct nlattr *)buf, *data;
	size_t len = NLA_HDRLEN;
	unsigned int i;

	len += put_attr(buf + len, &kind);
	data = (struct nlattr *)(buf + len);
	len += NLA_HDRLEN;
	for (i = 0; i < msg->n && len < MESSAGE_MAX - 9000; i++)
		len += put_attr(buf + len, &msg->attrs[i]);
	*data = (struct nlattr){ .nla_len = buf + len - (u8 *)data, .nla_type = IFLA_INFO_DATA };
	*info = (struct nlattr){ .nla_len = len, .nla_type = IFLA_LINKINFO };
	return len;
}

/**
 * encode() - write a request
 * @msg: the request
 * @buf: MESSAGE_MAX bytes
 * @seq: its number
 *
 * Return: bytes written, aligned.
 */
size_t encode(const struct message *msg, u8 *buf, u32 seq)
{
	struct genlmsghdr genl = { .cmd = msg->cmd, .version = msg->version,
				   .reserved = msg->reserved };
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	size_t len = NLMSG_HDRLEN, least;
	unsigned int i;

	if (msg->head_len) {
		memcpy(buf + len, msg->head, msg->head_len);
		len += NLMSG_ALIGN(msg->head_len);
	} else {
		memcpy(buf + len, &genl, sizeof(genl));
		len += sizeof(genl);
	}
	least = len;
	if (msg->linkinfo)
		len += put_linkinfo(msg, buf + len);
	else
		for (i = 0; i < msg->n && len < MESSAGE_MAX - 9000; i++)
			len += put_attr(buf + len, &msg->attrs[i]);
	if (len >= least + msg->cut)
		len -= msg->cut;

	*nlh = (struct nlmsghdr){ .nlmsg_len = len, .nlmsg_type = msg->type,
				  .nlmsg_flags = msg->flags, .nlmsg_seq = seq };
	while (len % NLMSG_ALIGNTO)
		buf[len++] = 0;
	return len;
}

/**
 * gen_init() - prepare to make requests
 * @gen: filled in
 * @seed: of the random numbers
 *
 * Return: false: no memory.
 */
bool gen_init(struct gen *gen, u64 seed)
{
	memset(gen, 0, sizeof(*gen));
	gen->rng.state = seed;
	gen->pool = calloc(n_ops, sizeof(gen->pool[0]));
	gen->n_pool = calloc(n_ops, sizeof(gen->n_pool[0]));
	return gen->pool && gen->n_pool;
}

/**
 * gen_free() - the end of it
 * @gen: what gen_init() prepared
 */
void gen_free(struct gen *gen)
{
	free(gen->pool);
	free(gen->n_pool);
}
