// SPDX-License-Identifier: GPL-2.0
/* Devices come, change, move and go, and so do those below them. */
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <linux/dvpn.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "nlfuzz.h"

/**
 * dev_index() - the index of a device
 * @name: its name
 *
 * if_nametoindex() would have the kernel look for a module of that name.
 *
 * Return: 0: there is no such device in the namespace of the thread.
 */
u32 dev_index(const char *name)
{
	struct if_nameindex *all = if_nameindex(), *one;
	u32 ifindex = 0;

	if (!all)
		return 0;
	for (one = all; one->if_index; one++)
		if (!strcmp(one->if_name, name))
			ifindex = one->if_index;
	if_freenameindex(all);
	return ifindex;
}

static void head_begin(struct message *msg, u16 type, u16 flags, const void *head, size_t len)
{
	memset(msg, 0, offsetof(struct message, attrs));
	msg->type = type;
	msg->flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	memcpy(msg->head, head, len);
	msg->head_len = len;
}

/* One more attribute that does not belong to the kind. */
static void head_attr(struct message *msg, u16 type, const void *data, size_t len)
{
	struct attr attr = { .type = type, .len = len };

	memcpy(attr.data, data, len);
	msg->head_len += put_attr(msg->head + msg->head_len, &attr);
}

static void head_number(struct message *msg, u16 type, u32 number)
{
	head_attr(msg, type, &number, sizeof(number));
}

static void head_string(struct message *msg, u16 type, const char *string)
{
	head_attr(msg, type, string, strlen(string) + 1);
}

static int ask(struct chan *rtnl, const struct message *msg)
{
	int status = -1;

	chan_exchange(rtnl, msg, 1, &status, NULL, NULL);
	return status;
}

static void link_begin(struct message *msg, u16 type, u16 flags, const char *name)
{
	struct ifinfomsg ifi = {};

	head_begin(msg, type, flags, &ifi, sizeof(ifi));
	head_string(msg, IFLA_IFNAME, name);
}

static void set_up(struct message *msg, bool up)
{
	struct ifinfomsg ifi = { .ifi_change = IFF_UP, .ifi_flags = up ? IFF_UP : 0 };

	memcpy(msg->head, &ifi, sizeof(ifi));
}

/**
 * link_make() - make a device, up
 * @rtnl: socket of its namespace
 * @name: its name
 * @key: its GRE key
 *
 * Return: whether it is there.
 */
bool link_make(struct chan *rtnl, const char *name, u32 key)
{
	struct attr attr = { .type = IFLA_DVPN_KEY, .len = sizeof(key) };
	struct message msg;

	link_begin(&msg, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, name);
	set_up(&msg, true);
	msg.linkinfo = true;
	memcpy(attr.data, &key, sizeof(key));
	msg.attrs[msg.n++] = attr;
	return !ask(rtnl, &msg);
}

/**
 * link_remove() - remove a device
 * @rtnl: socket of its namespace
 * @name: its name
 */
void link_remove(struct chan *rtnl, const char *name)
{
	struct message msg;

	link_begin(&msg, RTM_DELLINK, 0, name);
	ask(rtnl, &msg);
}

/* Make it, or change it: options as the specification has them, or broken. */
static void step_options(struct gen *gen, struct message *msg, const char *name)
{
	link_begin(msg, RTM_NEWLINK, rnd(&gen->rng, 2) ? NLM_F_CREATE : 0, name);
	msg->linkinfo = true;
	gen_link_attrs(gen, msg);
	if (rnd(&gen->rng, 3) == 0)
		mutate(gen, msg, 24);
	set_up(msg, rnd(&gen->rng, 4));
}

static void step_address(struct gen *gen, struct message *msg, const char *name)
{
	struct ifaddrmsg ifa = { .ifa_family = AF_INET, .ifa_prefixlen = 24,
				 .ifa_index = dev_index(name) };
	u8 addr[16] = { 10, 0, 0, 1 + rnd(&gen->rng, 20) };
	bool v6 = rnd(&gen->rng, 2);

	if (v6) {
		inet_pton(AF_INET6, "fd00::", addr);
		addr[15] = 1 + rnd(&gen->rng, 20);
		ifa.ifa_family = AF_INET6;
		ifa.ifa_prefixlen = 64;
	}
	head_begin(msg, rnd(&gen->rng, 3) ? RTM_NEWADDR : RTM_DELADDR, NLM_F_CREATE, &ifa,
		   sizeof(ifa));
	head_attr(msg, IFA_LOCAL, addr, v6 ? 16 : 4);
	head_attr(msg, IFA_ADDRESS, addr, v6 ? 16 : 4);
}

/* The interfaces that devices may be bound to: u0, u1, and names they change to. */
static void step_underlay(struct gen *gen, struct message *msg)
{
	static const char *const names[] = { "u0", "u1", "u2" };
	const char *name = names[rnd(&gen->rng, 3)];
	u8 info[16] = {};
	struct attr kind = { .type = IFLA_INFO_KIND, .len = 6, .data = "dummy" };

	switch (rnd(&gen->rng, 4)) {
	case 0:
		link_begin(msg, RTM_DELLINK, 0, name);
		break;
	case 1:
		link_begin(msg, RTM_NEWLINK, 0, names[rnd(&gen->rng, 3)]);
		((struct ifinfomsg *)msg->head)->ifi_index = dev_index(name);
		break;
	default:
		link_begin(msg, RTM_NEWLINK, NLM_F_CREATE, name);
		head_attr(msg, IFLA_LINKINFO, info, put_attr(info, &kind));
		set_up(msg, rnd(&gen->rng, 4));
	}
}

/* All of one device, or all devices with their counters. */
static void step_show(struct gen *gen, struct message *msg, const char *name)
{
	struct if_stats_msg stats = { .filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_XSTATS),
				      .ifindex = dev_index(name) };
	struct ifinfomsg ifi = {};

	switch (rnd(&gen->rng, 3)) {
	case 0:
		head_begin(msg, RTM_GETSTATS, 0, &stats, sizeof(stats));
		break;
	case 1:
		head_begin(msg, RTM_GETLINK, NLM_F_DUMP, &ifi, sizeof(ifi));
		break;
	default:
		link_begin(msg, RTM_GETLINK, 0, name);
	}
}

/**
 * link_step() - one request to rtnetlink
 * @gen: what of
 * @rtnl: socket
 * @other_ns: a namespace that devices may move to, or -1
 */
void link_step(struct gen *gen, struct chan *rtnl, int other_ns)
{
	struct rng *rng = &gen->rng;
	struct message msg;
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), "fz%u", rnd(rng, N_DEVS));
	switch (rnd(rng, 16)) {
	case 0:
	case 1:
		link_begin(&msg, RTM_DELLINK, 0, name);
		break;
	case 2:
		link_begin(&msg, RTM_NEWLINK, 0, name);
		set_up(&msg, rnd(rng, 2));
		break;
	case 3:
		link_begin(&msg, RTM_NEWLINK, 0, name);
		head_number(&msg, IFLA_MTU, rnd(rng, 4) ? rnd(rng, 2000) : rnd(rng, 0x10000));
		break;
	case 4:
		link_begin(&msg, RTM_NEWLINK, 0, name);
		if (other_ns >= 0)
			head_number(&msg, IFLA_NET_NS_FD, other_ns);
		break;
	case 5:
	case 6:
		step_address(gen, &msg, name);
		break;
	case 7:
		step_underlay(gen, &msg);
		break;
	case 8:
		step_show(gen, &msg, name);
		break;
	default:
		step_options(gen, &msg, name);
	}
	ask(rtnl, &msg);
}
