// SPDX-License-Identifier: GPL-2.0
/*
 * Prints what the kernel accepts from the family "dvpn", as it tells itself
 * (CTRL_CMD_GETPOLICY):
 *
 *	op COMMAND do|dump POLICY
 *	attr POLICY TYPE NAME=NUMBER ...	limits, and the type as "type"
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "lib/internal.h"

static const struct {
	int type;
	const char *name;
} limits[] = {
	{ NL_POLICY_TYPE_ATTR_TYPE, "type" },
	{ NL_POLICY_TYPE_ATTR_MIN_VALUE_U, "min" },
	{ NL_POLICY_TYPE_ATTR_MAX_VALUE_U, "max" },
	{ NL_POLICY_TYPE_ATTR_MIN_LENGTH, "min-len" },
	{ NL_POLICY_TYPE_ATTR_MAX_LENGTH, "max-len" },
	{ NL_POLICY_TYPE_ATTR_BITFIELD32_MASK, "bits" },
	{ NL_POLICY_TYPE_ATTR_MASK, "mask" },
};

static void print_limits(struct nlattr *attr)
{
	struct nlattr *tb[NL_POLICY_TYPE_ATTR_MAX + 1];
	unsigned int i;

	if (nla_parse_nested(tb, NL_POLICY_TYPE_ATTR_MAX, attr, NULL) < 0)
		exit(1);
	for (i = 0; i < DVPN_ARRAY_LEN(limits); i++) {
		struct nlattr *limit = tb[limits[i].type];
		unsigned long long value = 0;

		if (!limit || nla_len(limit) > (int)sizeof(value))
			continue;
		memcpy(&value, nla_data(limit), nla_len(limit));
		printf(" %s=%llu", limits[i].name, value);
	}
	printf("\n");
}

static void print_policy(struct nlattr *nest)
{
	struct nlattr *policy, *attr;
	int left, left2;

	nla_for_each_nested(policy, nest, left) {
		nla_for_each_nested(attr, policy, left2) {
			printf("attr %d %d", nla_type(policy), nla_type(attr));
			print_limits(attr);
		}
	}
}

static void print_operations(struct nlattr *nest)
{
	struct nlattr *op, *which;
	int left, left2;

	nla_for_each_nested(op, nest, left)
		nla_for_each_nested(which, op, left2)
			printf("op %d %s %u\n", nla_type(op),
			       nla_type(which) == CTRL_ATTR_POLICY_DO ? "do" : "dump",
			       nla_get_u32(which));
}

static int print_message(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[CTRL_ATTR_MAX + 1];

	(void)arg;
	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, CTRL_ATTR_MAX, NULL) < 0)
		return NL_STOP;
	if (tb[CTRL_ATTR_OP_POLICY])
		print_operations(tb[CTRL_ATTR_OP_POLICY]);
	if (tb[CTRL_ATTR_POLICY])
		print_policy(tb[CTRL_ATTR_POLICY]);
	return NL_OK;
}

int main(void)
{
	struct nl_sock *sock = nl_socket_alloc();
	struct nl_msg *msg = nlmsg_alloc();
	int err;

	if (!sock || !msg || genl_connect(sock) < 0)
		return 1;
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, print_message, NULL);
	if (!genlmsg_put(msg, 0, 0, GENL_ID_CTRL, 0, NLM_F_DUMP, CTRL_CMD_GETPOLICY, 1) ||
	    nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, DVPN_GENL_NAME) < 0)
		return 1;
	err = nl_send_auto(sock, msg);
	if (err >= 0)
		err = nl_recvmsgs_default(sock);
	if (err < 0)
		fprintf(stderr, "abi-policy: %s\n", nl_geterror(err));
	nlmsg_free(msg);
	nl_socket_free(sock);
	return err < 0;
}
