// SPDX-License-Identifier: GPL-2.0
/* States of the kernel that the IKE daemon knows nothing of, with a kernel that is played. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <cmocka.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "dvpnd/orphans.h"
#include "dvpnd/xfrm.h"

static const u16 gre_only[] = { 0 };

/* What it has, and what it was told. */
static struct {
	struct nl_msg *policies[8];
	unsigned int nr_policies;
	struct nl_msg *states[ORPHANS_MAX + 16];
	unsigned int nr_states;
	int err;
	struct xfrm_usersa_id ended[ORPHANS_MAX];
	unsigned int nr_ended;
	struct xfrm_user_acquire asked;
	struct xfrm_user_tmpl asked_by;
	unsigned int nr_asked;
} kernel;

static struct orphans o;

static void play(struct nl_msg **list, unsigned int nr, xfrm_message_fn message, void *ctx)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		assert_int_equal(message(list[i], ctx), NL_OK);
}

struct nl_sock *__wrap_xfrm_open(void)
{
	return nl_socket_alloc();
}

int __wrap_xfrm_ask(struct nl_sock *nl, struct nl_msg *msg, xfrm_message_fn message, void *ctx)
{
	int type = nlmsg_hdr(msg)->nlmsg_type;

	(void)nl;
	assert_true(nlmsg_hdr(msg)->nlmsg_flags & NLM_F_DUMP);
	nlmsg_free(msg);
	if (kernel.err)
		return kernel.err;
	if (type == XFRM_MSG_GETPOLICY)
		play(kernel.policies, kernel.nr_policies, message, ctx);
	else
		play(kernel.states, kernel.nr_states, message, ctx);
	return 0;
}

int __wrap_xfrm_tell(struct nl_msg *msg)
{
	struct nlattr *attr = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(kernel.asked), XFRMA_TMPL);

	assert_int_equal(nlmsg_hdr(msg)->nlmsg_type, XFRM_MSG_ACQUIRE);
	assert_non_null(attr);
	memcpy(&kernel.asked, nlmsg_data(nlmsg_hdr(msg)), sizeof(kernel.asked));
	memcpy(&kernel.asked_by, nla_data(attr), sizeof(kernel.asked_by));
	kernel.nr_asked++;
	nlmsg_free(msg);
	return kernel.err;
}

bool __wrap_xfrm_end_state(struct nl_sock *nl, const struct xfrm_usersa_id *id)
{
	(void)nl;
	kernel.ended[kernel.nr_ended++] = *id;
	return true;
}

static int begin(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	memset(&o, 0, sizeof(o));
	return 0;
}

static int end(void **state)
{
	(void)state;
	orphans_forget(&o);
	while (kernel.nr_policies)
		nlmsg_free(kernel.policies[--kernel.nr_policies]);
	while (kernel.nr_states)
		nlmsg_free(kernel.states[--kernel.nr_states]);
	return 0;
}

static void policy(u8 dir, u8 proto, u16 port, u32 reqid)
{
	struct xfrm_userpolicy_info info = {
		.dir = dir,
		.sel = { .family = AF_INET, .proto = proto, .sport = htons(port) },
	};
	struct xfrm_user_tmpl tmpl = { .reqid = reqid, .id.proto = IPPROTO_ESP };
	struct nl_msg *msg = nlmsg_alloc_simple(XFRM_MSG_NEWPOLICY, 0);

	nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO);
	nla_put(msg, XFRMA_TMPL, sizeof(tmpl), &tmpl);
	kernel.policies[kernel.nr_policies++] = msg;
}

static struct xfrm_usersa_info state_info(const char *src, const char *dst, u32 spi, u32 reqid)
{
	struct xfrm_usersa_info info = {
		.family = AF_INET,
		.mode = XFRM_MODE_TRANSPORT,
		.reqid = reqid,
		.id = { .proto = IPPROTO_ESP, .spi = htonl(spi) },
		.lft.hard_add_expires_seconds = 3600,
	};

	inet_pton(AF_INET, src, &info.saddr);
	inet_pton(AF_INET, dst, &info.id.daddr);
	return info;
}

static void put_state(const struct xfrm_usersa_info *info, int keys)
{
	struct nl_msg *msg = nlmsg_alloc_simple(XFRM_MSG_NEWSA, 0);

	nlmsg_append(msg, (void *)info, sizeof(*info), NLMSG_ALIGNTO);
	if (keys)
		nla_put(msg, keys, 4, "key");
	kernel.states[kernel.nr_states++] = msg;
}

static void put_pair(const char *peer, u32 spi, u32 reqid)
{
	struct xfrm_usersa_info out = state_info("192.0.2.1", peer, spi, reqid);
	struct xfrm_usersa_info in = state_info(peer, "192.0.2.1", spi + 1, reqid);

	put_state(&out, XFRMA_ALG_AEAD);
	put_state(&in, XFRMA_ALG_CRYPT);
}

static struct nhrp_addr addr(const char *text)
{
	struct nhrp_addr a;

	assert_int_equal(nhrp_addr_parse(&a, text), 0);
	return a;
}

static void find(const u16 *ports, unsigned int nr, size_t found)
{
	assert_int_equal(orphans_find(&o, ports, nr), 0);
	assert_int_equal(o.nr, found);
}

/* ----- which there are ----- */

static void ours(void **state)
{
	const u16 both[] = { 4754, 0 };

	(void)state;
	policy(XFRM_POLICY_OUT, IPPROTO_GRE, 0, 1);
	policy(XFRM_POLICY_OUT, IPPROTO_UDP, 4754, 2);
	policy(XFRM_POLICY_OUT, IPPROTO_UDP, 4755, 3);
	policy(XFRM_POLICY_IN, IPPROTO_GRE, 0, 4);
	policy(XFRM_POLICY_OUT, 0, 0, 5);
	policy(XFRM_POLICY_OUT, IPPROTO_GRE, 0, 0);
	put_pair("192.0.2.9", 0x100, 1);
	put_pair("192.0.2.9", 0x200, 2);
	put_pair("192.0.2.9", 0x300, 3);
	put_pair("192.0.2.9", 0x400, 4);
	put_pair("192.0.2.9", 0x500, 5);
	put_pair("192.0.2.9", 0x600, 0);
	find(gre_only, 1, 2);
	assert_int_equal(o.list[0].spi, 0x100);
	find(both, 2, 4);
	find(both, 1, 2);
	assert_int_equal(o.list[0].spi, 0x200);
}

/* What nobody could be asked for, and what is not whole, is left alone. */
static void not_ours(void **state)
{
	struct xfrm_usersa_info info = state_info("192.0.2.1", "192.0.2.9", 0x100, 1);

	(void)state;
	policy(XFRM_POLICY_OUT, IPPROTO_GRE, 0, 1);
	put_state(&info, 0);
	info.lft.hard_add_expires_seconds = 0;
	put_state(&info, XFRMA_ALG_AEAD);
	info.lft.hard_add_expires_seconds = XFRM_INF;
	put_state(&info, XFRMA_ALG_AEAD);
	info.lft.hard_add_expires_seconds = 60;
	info.mode = XFRM_MODE_TUNNEL;
	put_state(&info, XFRMA_ALG_AEAD);
	info.mode = XFRM_MODE_TRANSPORT;
	info.id.proto = IPPROTO_AH;
	put_state(&info, XFRMA_ALG_AUTH);
	info.id.proto = IPPROTO_ESP;
	info.id.spi = 0;
	put_state(&info, XFRMA_ALG_AEAD);
	find(gre_only, 1, 0);
	info.id.spi = htonl(0x100);
	put_state(&info, XFRMA_ALG_AUTH);
	find(gre_only, 1, 1);
}

static void told_nonsense(void **state)
{
	struct nl_msg *msg = nlmsg_alloc_simple(XFRM_MSG_NEWPOLICY, 0);

	(void)state;
	kernel.policies[kernel.nr_policies++] = msg;
	policy(XFRM_POLICY_OUT, IPPROTO_GRE, 0, 1);
	kernel.states[kernel.nr_states++] = nlmsg_alloc_simple(XFRM_MSG_NEWSA, 0);
	kernel.states[kernel.nr_states++] = nlmsg_alloc_simple(XFRM_MSG_DELSA, 0);
	put_pair("192.0.2.9", 0x100, 1);
	find(gre_only, 1, 2);
	kernel.err = -EIO;
	assert_int_equal(orphans_find(&o, gre_only, 1), -EIO);
	assert_int_equal(o.nr, 0);
}

/* ----- whose they are ----- */

static void known_ones(void **state)
{
	(void)state;
	policy(XFRM_POLICY_OUT, IPPROTO_GRE, 0, 1);
	put_pair("192.0.2.9", 0x300, 1);
	put_pair("192.0.2.8", 0x100, 1);
	put_pair("192.0.2.7", 0x200, 1);
	/* Another peer's may have the same number. */
	put_pair("192.0.2.6", 0x100, 1);
	find(gre_only, 1, 8);
	orphans_known(&o, 0x101, 0x100);
	orphans_known(&o, 0x301, 0x300);
	orphans_known(&o, 1, 0xffffffff);
	orphans_left(&o, 1000);
	assert_int_equal(o.nr, 2);
	assert_int_equal(o.list[0].spi, 0x200);
	assert_int_equal(o.list[1].spi, 0x201);
	orphans_known(&o, 0x201, 0x200);
	orphans_left(&o, 1000);
	assert_int_equal(o.nr, 0);
	orphans_known(&o, 0x201, 0x200);
	orphans_left(&o, 1000);
}

static void too_many(void **state)
{
	unsigned int i;

	(void)state;
	policy(XFRM_POLICY_OUT, IPPROTO_GRE, 0, 1);
	for (i = 0; i < ORPHANS_MAX / 2 + 8; i++)
		put_pair("192.0.2.9", 0x100 + 2 * i, 1);
	find(gre_only, 1, ORPHANS_MAX + 16);
	orphans_left(&o, 1000);
	assert_int_equal(o.nr, ORPHANS_MAX);
}

/* ----- what becomes of them ----- */

/* They may all be known. */
static void not_before_it_is_told(void **state)
{
	struct nhrp_addr peer = addr("192.0.2.9");
	u64 now_ms = 2 * ORPHAN_UNWANTED_MS;

	(void)state;
	policy(XFRM_POLICY_OUT, IPPROTO_GRE, 0, 1);
	put_pair("192.0.2.9", 0x100, 1);
	put_pair("192.0.2.8", 0x200, 1);
	find(gre_only, 1, 4);
	assert_false(orphans_ask(&o, &peer, 0, 0, now_ms));
	orphans_over(&o, &peer, now_ms);
	orphans_end(&o, now_ms + ORPHAN_OVER_MS);
	assert_int_equal(kernel.nr_asked, 0);
	assert_int_equal(kernel.nr_ended, 0);
	assert_int_equal(o.nr, 4);
	/* What has come up meanwhile counts. */
	orphans_left(&o, now_ms);
	orphans_end(&o, now_ms + ORPHAN_OVER_MS);
	assert_int_equal(kernel.nr_ended, 2);
	assert_int_equal(kernel.ended[0].spi, htonl(0x100));
}

static void asked_for(void **state)
{
	struct nhrp_addr peer = addr("192.0.2.9"), other = addr("192.0.2.8");
	const struct xfrm_selector *sel = &kernel.asked.sel;

	(void)state;
	policy(XFRM_POLICY_OUT, IPPROTO_GRE, 0, 7);
	put_pair("192.0.2.9", 0x100, 7);
	find(gre_only, 1, 2);
	assert_true(orphans_carry(&o, &peer));
	orphans_left(&o, 1000);
	assert_true(orphans_carry(&o, &peer));
	assert_false(orphans_carry(&o, &other));
	assert_false(orphans_ask(&o, &other, 0, 0, 1000));
	assert_true(orphans_ask(&o, &peer, 0, 0, 1000));
	assert_int_equal(kernel.nr_asked, 1);
	assert_int_equal(kernel.asked_by.reqid, 7);
	assert_int_equal(kernel.asked_by.mode, XFRM_MODE_TRANSPORT);
	assert_int_equal(kernel.asked_by.family, AF_INET);
	assert_int_equal(kernel.asked.policy.dir, XFRM_POLICY_OUT);
	assert_int_equal(sel->proto, IPPROTO_GRE);
	assert_int_equal(sel->prefixlen_s, 32);
	assert_int_equal(sel->prefixlen_d, 32);
	assert_memory_equal(&sel->daddr, peer.b, 4);
	assert_int_equal(sel->saddr.a4, inet_addr("192.0.2.1"));
	assert_true(orphans_ask(&o, &peer, 4755, 4754, 1000));
	assert_int_equal(sel->proto, IPPROTO_UDP);
	assert_int_equal(sel->sport, htons(4754));
	assert_int_equal(sel->dport, htons(4755));
	/* Once there is another one nothing is asked for. */
	orphans_over(&o, &peer, 2000);
	assert_false(orphans_carry(&o, &peer));
	assert_false(orphans_ask(&o, &peer, 0, 0, 2000));
	kernel.err = -EPERM;
	assert_false(orphans_ask(&o, &peer, 0, 0, 2000));
}

static void come_to_an_end(void **state)
{
	struct nhrp_addr a = addr("192.0.2.8"), b = addr("192.0.2.9"), c = addr("192.0.2.7");
	u64 now_ms = 1000;

	(void)state;
	policy(XFRM_POLICY_OUT, IPPROTO_GRE, 0, 1);
	put_pair("192.0.2.8", 0x100, 1);
	put_pair("192.0.2.9", 0x200, 1);
	put_pair("192.0.2.7", 0x300, 1);
	find(gre_only, 1, 6);
	orphans_left(&o, now_ms);
	orphans_over(&o, &a, now_ms);
	now_ms += ORPHAN_OVER_MS - 1;
	orphans_over(&o, &a, now_ms);
	orphans_end(&o, now_ms);
	assert_int_equal(kernel.nr_ended, 0);
	orphans_end(&o, now_ms + 1);
	assert_int_equal(kernel.nr_ended, 2);
	assert_int_equal(kernel.ended[0].spi, htonl(0x100));
	assert_int_equal(kernel.ended[0].daddr.a4, inet_addr("192.0.2.8"));
	assert_int_equal(kernel.ended[1].spi, htonl(0x101));
	assert_int_equal(kernel.ended[1].daddr.a4, inet_addr("192.0.2.1"));
	assert_int_equal(o.nr, 4);
	/* That peer is no more, this one is. */
	now_ms = 1000 + ORPHAN_UNWANTED_MS;
	orphans_ask(&o, &c, 0, 0, now_ms - 1);
	orphans_end(&o, now_ms);
	assert_int_equal(kernel.nr_ended, 4);
	assert_int_equal(kernel.ended[2].spi, htonl(0x200));
	assert_memory_equal(&kernel.ended[2].daddr, b.b, 4);
	orphans_end(&o, now_ms + ORPHAN_UNWANTED_MS);
	assert_int_equal(kernel.nr_ended, 6);
	assert_null(o.list);
	orphans_end(&o, now_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ours, begin, end),
		cmocka_unit_test_setup_teardown(not_ours, begin, end),
		cmocka_unit_test_setup_teardown(told_nonsense, begin, end),
		cmocka_unit_test_setup_teardown(known_ones, begin, end),
		cmocka_unit_test_setup_teardown(too_many, begin, end),
		cmocka_unit_test_setup_teardown(not_before_it_is_told, begin, end),
		cmocka_unit_test_setup_teardown(asked_for, begin, end),
		cmocka_unit_test_setup_teardown(come_to_an_end, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
