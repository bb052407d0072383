// SPDX-License-Identifier: GPL-2.0
/* libdvpn: what no kernel should send is refused, and what the kernel refuses is told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "lib_message.h"

static void test_counter_of_wrong_length(void **state)
{
	static const size_t lens[] = { 0, 4, 7, 9, 16 };
	u64 counters[DVPN_DROP_MAX + 1];
	unsigned int i;

	(void)state;
	for (i = 0; i < DVPN_ARRAY_LEN(lens); i++) {
		struct dvpn_build b;
		struct parsed p;

		start(&b, DVPN_CMD_DEV_GET);
		put_counter(&b, DVPN_A_DROPS, DVPN_DROP_TX_NO_MAP, lens[i]);
		parse(&b, &p);
		assert_int_equal(dvpn_get_counters(p.tb[DVPN_A_DROPS], DVPN_DROP_MAX, counters),
				 -EBADMSG);
		nlmsg_free(p.msg);
	}
}

static void test_nest_of_garbage(void **state)
{
	static const u8 garbage[][8] = {
		{ 0xff, 0xff, 0x02, 0x00 },			/* longer than the nest */
		{ 0x03, 0x00, 0x02, 0x00 },			/* shorter than its header */
		{ 0x04, 0x00, 0x02, 0x00, 0x01, 0x02, 0x03 },	/* bytes left over */
	};
	static const size_t lens[] = { 4, 4, 7 };
	u64 counters[DVPN_DROP_MAX + 1];
	unsigned int i;

	(void)state;
	for (i = 0; i < DVPN_ARRAY_LEN(lens); i++) {
		struct dvpn_build b;
		struct parsed p;

		start(&b, DVPN_CMD_DEV_GET);
		dvpn_put(&b, DVPN_A_DROPS, garbage[i], lens[i]);
		parse(&b, &p);
		assert_int_equal(dvpn_get_counters(p.tb[DVPN_A_DROPS], DVPN_DROP_MAX, counters),
				 -EBADMSG);
		nlmsg_free(p.msg);
	}
}

/* Every attribute with every length up to a bit more than what is right. */
static void test_attribute_lengths(void **state)
{
	static const u8 zero[DVPN_FRAME_MAX + 8];
	unsigned int type;

	(void)state;
	for (type = 1; type <= DVPN_A_MAX; type++) {
		const struct dvpn_rule *rule = &dvpn_genl_rules[type];
		size_t limit = rule->kind == DVPN_KIND_BYTES ? rule->max + 2 : 20;
		size_t len;

		assert_int_not_equal(rule->kind, DVPN_KIND_UNKNOWN);
		for (len = 0; len <= limit; len++) {
			const struct nlattr *tb[DVPN_A_MAX + 1];
			struct dvpn_build b;
			u8 cmd;
			int err, want = -EBADMSG;

			start(&b, DVPN_CMD_EVENT);
			dvpn_put(&b, type, zero, len);
			assert_int_equal(b.err, 0);
			err = dvpn_parse_genl(nlmsg_hdr(b.msg), &cmd, tb);
			if ((rule->kind == DVPN_KIND_U8 && len == 1) ||
			    (rule->kind == DVPN_KIND_U16 && len == 2) ||
			    (rule->kind == DVPN_KIND_U32 && len == 4) ||
			    (rule->kind == DVPN_KIND_U64 && len == 8) ||
			    (rule->kind == DVPN_KIND_BITFIELD && len == 8) ||
			    (rule->kind == DVPN_KIND_IN6 && len == 16) ||
			    (rule->kind == DVPN_KIND_NAME && len && len <= IF_NAMESIZE) ||
			    (rule->kind == DVPN_KIND_BYTES && len <= rule->max) ||
			    rule->kind == DVPN_KIND_COUNTERS || rule->kind == DVPN_KIND_PAD)
				want = 0;
			assert_int_equal(err, want);
			nlmsg_free(b.msg);
		}
	}
}

static void test_name_without_end(void **state)
{
	struct dvpn_build b;
	const struct nlattr *tb[DVPN_A_MAX + 1];
	u8 cmd;

	(void)state;
	start(&b, DVPN_CMD_EVENT);
	dvpn_put(&b, DVPN_A_IFNAME, "0123456789abcdef", 16);
	assert_int_equal(dvpn_parse_genl(nlmsg_hdr(b.msg), &cmd, tb), -EBADMSG);
	nlmsg_free(b.msg);
}

static void test_unknown_attribute(void **state)
{
	struct dvpn_build b;
	struct parsed p;

	(void)state;
	start(&b, DVPN_CMD_EVENT);
	dvpn_put(&b, DVPN_A_MAX + 1, "newer", 5);
	dvpn_put_u8(&b, DVPN_A_EVENT, DVPN_EVENT_MAX + 1);
	parse(&b, &p);
	assert_int_equal(dvpn_get_u8(p.tb[DVPN_A_EVENT]), DVPN_EVENT_MAX + 1);
	nlmsg_free(p.msg);
}

static void test_both_families(void **state)
{
	static const int pairs[][2] = {
		{ DVPN_A_PROTO4, DVPN_A_PROTO6 }, { DVPN_A_NBMA4, DVPN_A_NBMA6 },
		{ DVPN_A_LOCAL4, DVPN_A_LOCAL6 }, { DVPN_A_SRC4, DVPN_A_SRC6 },
		{ DVPN_A_DST4, DVPN_A_DST6 },
	};
	struct dvpn_addr a4 = addr("192.0.2.1");
	struct dvpn_addr a6 = addr("2001:db8::1");
	unsigned int i;

	(void)state;
	for (i = 0; i < DVPN_ARRAY_LEN(pairs); i++) {
		struct dvpn_event_msg event;
		struct dvpn_build b;
		struct parsed p;

		start(&b, DVPN_CMD_EVENT);
		dvpn_put_u8(&b, DVPN_A_EVENT, DVPN_EVENT_MISS);
		dvpn_put_u32(&b, DVPN_A_IFINDEX, 3);
		dvpn_put_addr(&b, pairs[i][0], pairs[i][1], &a4);
		dvpn_put_addr(&b, pairs[i][0], pairs[i][1], &a6);
		parse(&b, &p);
		assert_int_equal(dvpn_get_event(p.tb, &event), -EBADMSG);
		nlmsg_free(p.msg);
	}
}

static void test_prefix_too_long(void **state)
{
	struct dvpn_addr a4 = addr("192.0.2.1");
	struct dvpn_build b;
	struct dvpn_map map;
	struct parsed p;

	(void)state;
	start(&b, DVPN_CMD_MAP_GET);
	dvpn_put_addr(&b, DVPN_A_PROTO4, DVPN_A_PROTO6, &a4);
	dvpn_put_u8(&b, DVPN_A_PREFIXLEN, 33);
	parse(&b, &p);
	assert_int_equal(dvpn_get_map(p.tb, &map), -EBADMSG);
	nlmsg_free(p.msg);
}

/* Each truncation is refused or gives a shorter message, and nothing is read beyond. */
static void test_truncation(void **state)
{
	struct dvpn_map map = full_map();
	struct dvpn_build b;
	struct parsed p;
	size_t len, whole, intact = 0;
	unsigned int type;

	(void)state;
	put_map_message(&b, &map);
	parse(&b, &p);
	whole = nlmsg_hdr(p.msg)->nlmsg_len;
	for (len = NLMSG_HDRLEN; len < whole; len++) {
		struct nlmsghdr *cut = malloc(len);
		const struct nlattr *tb[DVPN_A_MAX + 1];
		u8 cmd;

		memcpy(cut, nlmsg_hdr(p.msg), len);
		cut->nlmsg_len = len;
		if (!dvpn_parse_genl(cut, &cmd, tb)) {
			/* Cut between two attributes: those that are left are whole. */
			for (type = 0; type <= DVPN_A_MAX; type++)
				assert_true(!tb[type] ||
					    (u8 *)tb[type] + tb[type]->nla_len <= (u8 *)cut + len);
			assert_int_equal(dvpn_get_map(tb, &map), 0);
			intact++;
		}
		free(cut);
	}
	/* The message has some dozen attributes and hundreds of bytes. */
	assert_true(intact > 0 && intact < whole / 4);
	nlmsg_free(p.msg);
}

static int count_messages(const struct nlmsghdr *nlh, void *ctx)
{
	(void)nlh;
	(*(int *)ctx)++;
	return 0;
}

static void test_walk(void **state)
{
	struct nlmsghdr two[2] = { { .nlmsg_len = 16 }, { .nlmsg_len = 16 } };
	int n = 0;

	(void)state;
	assert_int_equal(dvpn_walk(two, sizeof(two), count_messages, &n), 0);
	assert_int_equal(n, 2);
	two[1].nlmsg_len = 17;
	assert_int_equal(dvpn_walk(two, sizeof(two), count_messages, &n), -EBADMSG);
	two[1].nlmsg_len = 15;
	assert_int_equal(dvpn_walk(two, sizeof(two), count_messages, &n), -EBADMSG);
	two[1].nlmsg_len = 0;
	assert_int_equal(dvpn_walk(two, sizeof(two), count_messages, &n), -EBADMSG);
	assert_int_equal(dvpn_walk(two, sizeof(two) - 1, count_messages, &n), -EBADMSG);
}

/* A refusal as the kernel writes it: the request quoted, a text, where it was wrong (@type:
 * NLMSGERR_ATTR_OFFS) or what is missing (NLMSGERR_ATTR_MISS_TYPE).
 */
static struct nl_msg *refusal(int error, struct nl_msg *request, int type, u32 value)
{
	struct nlmsghdr *quote = nlmsg_hdr(request);
	struct nl_msg *msg = nlmsg_alloc();
	struct nlmsghdr *nlh = nlmsg_put(msg, 0, 1, NLMSG_ERROR, 0, NLM_F_ACK_TLVS);

	assert_non_null(nlh);
	assert_int_equal(nlmsg_append(msg, &error, sizeof(error), NLMSG_ALIGNTO), 0);
	assert_int_equal(nlmsg_append(msg, quote, quote->nlmsg_len, NLMSG_ALIGNTO), 0);
	assert_int_equal(nla_put_string(msg, NLMSGERR_ATTR_MSG, "no good"), 0);
	assert_int_equal(nla_put_u32(msg, type, value), 0);
	return msg;
}

static void test_refusal(void **state)
{
	struct dvpn_build b;
	struct parsed p;
	struct nl_msg *msg;
	char text[DVPN_TEXT_MAX];
	u32 offset;
	size_t len;

	(void)state;
	start(&b, DVPN_CMD_MAP_NEW);
	dvpn_put_u32(&b, DVPN_A_IFINDEX, 3);
	dvpn_put_u8(&b, DVPN_A_PREFIXLEN, 3);
	parse(&b, &p);
	offset = NLMSG_HDRLEN + GENL_HDRLEN + 8;

	msg = refusal(-EINVAL, p.msg, NLMSGERR_ATTR_OFFS, offset);
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY, text), -EINVAL);
	assert_string_equal(text, "no good (attribute prefixlen)");
	/* Another family's attributes have other names. */
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY + 1, text), -EINVAL);
	assert_string_equal(text, "no good");
	for (len = NLMSG_HDRLEN; len < nlmsg_hdr(msg)->nlmsg_len; len++) {
		struct nlmsghdr *cut = malloc(len);

		memcpy(cut, nlmsg_hdr(msg), len);
		cut->nlmsg_len = len;
		assert_true(dvpn_parse_ack(cut, FAMILY, text) < 0);
		free(cut);
	}
	nlmsg_free(msg);

	/* An offset outside of what is quoted names nothing. */
	for (offset = 0; offset < 4096; offset++) {
		msg = refusal(-EINVAL, p.msg, NLMSGERR_ATTR_OFFS, offset);
		assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY, text), -EINVAL);
		if (offset != 20 && offset != 28)
			assert_string_not_equal(text, "no good (attribute prefixlen)");
		nlmsg_free(msg);
	}
	msg = refusal(-EINVAL, p.msg, NLMSGERR_ATTR_OFFS, 0xfffffffc);
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY, text), -EINVAL);
	assert_string_equal(text, "no good");
	nlmsg_free(msg);

	msg = refusal(-EINVAL, p.msg, NLMSGERR_ATTR_MISS_TYPE, DVPN_A_NBMA4);
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY, text), -EINVAL);
	assert_string_equal(text, "no good (attribute nbma4)");
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY + 1, text), -EINVAL);
	assert_string_equal(text, "no good");
	nlmsg_free(msg);
	/* One that a later kernel has. */
	msg = refusal(-EINVAL, p.msg, NLMSGERR_ATTR_MISS_TYPE, 0xffffffff);
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY, text), -EINVAL);
	nlmsg_free(msg);

	msg = refusal(EINVAL, p.msg, NLMSGERR_ATTR_OFFS, 0);
	assert_int_equal(dvpn_parse_ack(nlmsg_hdr(msg), FAMILY, text), -EBADMSG);
	nlmsg_free(msg);
	nlmsg_free(p.msg);
}

static void test_ack(void **state)
{
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr err;
	} ack = {
		.nlh = {
			.nlmsg_len = sizeof(ack),
			.nlmsg_type = NLMSG_ERROR,
			.nlmsg_flags = NLM_F_CAPPED,
		},
	};
	char text[DVPN_TEXT_MAX];

	(void)state;
	assert_int_equal(dvpn_parse_ack(&ack.nlh, FAMILY, text), 0);
	assert_string_equal(text, "");
	ack.err.error = -ENOENT;
	assert_int_equal(dvpn_parse_ack(&ack.nlh, FAMILY, text), -ENOENT);
	/* A quote that claims more than there is. */
	ack.nlh.nlmsg_flags = 0;
	ack.err.msg.nlmsg_len = 1000;
	assert_int_equal(dvpn_parse_ack(&ack.nlh, FAMILY, text), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counter_of_wrong_length),
		cmocka_unit_test(test_nest_of_garbage),
		cmocka_unit_test(test_attribute_lengths),
		cmocka_unit_test(test_name_without_end),
		cmocka_unit_test(test_unknown_attribute),
		cmocka_unit_test(test_both_families),
		cmocka_unit_test(test_prefix_too_long),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_ack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
