// SPDX-License-Identifier: GPL-2.0
/* Agents: which socket gets the frames and events of a device. */

#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/rtnetlink.h>

#include "agent.h"
#include "netlink.h"
#include "table.h"

/* Devices that have, or had, an agent: what the end of a socket concerns. */
static LIST_HEAD(agent_devs);
static DEFINE_SPINLOCK(agent_devs_lock); /* outside of dvpn_dev.agent_lock */

static bool agent_is(const struct dvpn_agent *agent, const struct net *net,
		     u32 portid)
{
	return agent->net && net_eq(agent->net, net) && agent->portid == portid;
}

static void agent_clear(struct dvpn_dev *dd, unsigned int idx)
{
	lockdep_assert_held(&dd->agent_lock);

	WRITE_ONCE(dd->agent[idx].net, NULL);
	if (idx == DVPN_AGENT_IDX_EVENT)
		WRITE_ONCE(dd->agent_gone_ns, ktime_get_coarse_boottime_ns());
}

static void agent_set(struct dvpn_dev *dd, unsigned int idx, struct net *net,
		      u32 portid)
{
	struct dvpn_agent *agent = &dd->agent[idx];

	lockdep_assert_held(&dd->agent_lock);

	if (agent->net)
		return; /* the same socket: its sequence goes on */
	agent->portid = portid;
	agent->seq = 0;
	agent->lost = 0;
	WRITE_ONCE(agent->net, net);
	if (idx == DVPN_AGENT_IDX_EVENT)
		WRITE_ONCE(dd->agent_gone_ns, 0);
}

static void set_busy(struct netlink_ext_ack *extack, u32 portid)
{
#ifdef NL_SET_ERR_MSG_FMT
	NL_SET_ERR_MSG_FMT(extack,
			   "socket with netlink port %u is this device's agent",
			   portid);
#else
	NL_SET_ERR_MSG(extack, "another socket is this device's agent");
#endif
}

/**
 * dvpn_agent_bind() - make a socket the agent
 * @dd: device
 * @net: namespace of the socket, and of the device
 * @portid: its netlink port
 * @classes: mask of &enum dvpn_agent_class
 * @extack: where the text of a refusal goes
 *
 * All classes or none. For the holder nothing changes.
 *
 * Context: rtnl.
 * Return: 0; -EBUSY another socket has one of the classes; -ENODEV.
 */
int dvpn_agent_bind(struct dvpn_dev *dd, struct net *net, u32 portid,
		    u32 classes, struct netlink_ext_ack *extack)
{
	const struct dvpn_agent *agent;
	unsigned int i;
	int err = 0;

	/* Nobody takes the device away or to another namespace meanwhile. */
	ASSERT_RTNL();
	if (dd->dev->reg_state != NETREG_REGISTERED ||
	    !net_eq(dev_net(dd->dev), net)) {
		NL_SET_ERR_MSG(extack, "the device is going");
		return -ENODEV;
	}

	spin_lock_bh(&agent_devs_lock);
	spin_lock(&dd->agent_lock);
	for (i = 0; i < DVPN_AGENT_N; i++) {
		agent = &dd->agent[i];
		if ((classes & BIT(i)) && agent->net &&
		    !agent_is(agent, net, portid)) {
			set_busy(extack, agent->portid);
			err = -EBUSY;
			goto out;
		}
	}
	for (i = 0; i < DVPN_AGENT_N; i++)
		if (classes & BIT(i))
			agent_set(dd, i, net, portid);
	if (list_empty(&dd->agent_node))
		list_add(&dd->agent_node, &agent_devs);
out:
	spin_unlock(&dd->agent_lock);
	spin_unlock_bh(&agent_devs_lock);

	return err;
}

/**
 * dvpn_agent_unbind() - give classes back
 * @dd: device
 * @net: namespace of the socket
 * @portid: its netlink port
 * @classes: mask of &enum dvpn_agent_class
 * @extack: where the text of a refusal goes
 *
 * Context: process.
 * Return: 0; -ENOENT one of them is not the socket's, nothing changed.
 */
int dvpn_agent_unbind(struct dvpn_dev *dd, struct net *net, u32 portid,
		      u32 classes, struct netlink_ext_ack *extack)
{
	unsigned int i;
	int err = 0;

	spin_lock_bh(&dd->agent_lock);
	for (i = 0; i < DVPN_AGENT_N; i++) {
		if ((classes & BIT(i)) && !agent_is(&dd->agent[i], net, portid)) {
			NL_SET_ERR_MSG(extack, "this socket is not the device's agent");
			err = -ENOENT;
			goto out;
		}
	}
	for (i = 0; i < DVPN_AGENT_N; i++)
		if (classes & BIT(i))
			agent_clear(dd, i);
out:
	spin_unlock_bh(&dd->agent_lock);

	return err;
}

/**
 * dvpn_agent_classes() - which classes are bound?
 * @dd: device
 *
 * Context: any.
 * Return: mask of &enum dvpn_agent_class.
 */
u32 dvpn_agent_classes(struct dvpn_dev *dd)
{
	unsigned int i;
	u32 mask = 0;

	for (i = 0; i < DVPN_AGENT_N; i++)
		if (READ_ONCE(dd->agent[i].net))
			mask |= BIT(i);

	return mask;
}

/**
 * dvpn_agent_bound() - is there an agent for events?
 * @dd: device
 *
 * Context: any, without lock.
 * Return: whether there is, just now.
 */
bool dvpn_agent_bound(struct dvpn_dev *dd)
{
	return READ_ONCE(dd->agent[DVPN_AGENT_IDX_EVENT].net);
}

/**
 * dvpn_agent_drop() - end all bindings of a device
 * @dd: device
 *
 * It goes, or moves to another namespace.
 *
 * Context: any but hard irq.
 */
void dvpn_agent_drop(struct dvpn_dev *dd)
{
	unsigned int i;

	spin_lock_bh(&dd->agent_lock);
	for (i = 0; i < DVPN_AGENT_N; i++)
		if (dd->agent[i].net)
			agent_clear(dd, i);
	spin_unlock_bh(&dd->agent_lock);
}

/* ----- messages ----- */

static void msg_lost(struct dvpn_dev *dd, unsigned int idx)
{
	lockdep_assert_held(&dd->agent_lock);

	dd->agent[idx].lost++;
	dvpn_count_stat(dd, DVPN_STAT_EVENTS_LOST, 1);
}

/**
 * dvpn_msg_begin() - begin a message to the agent
 * @msg: filled in
 * @dd: device
 * @idx: class, DVPN_AGENT_IDX_*
 * @cmd: DVPN_CMD_FRAME or DVPN_CMD_EVENT
 * @size: bytes of the other attributes
 *
 * Device and generation are written, room is made for SEQ and LOST.
 *
 * Context: any but hard irq.
 * Return: false: no memory; counted as lost.
 */
bool dvpn_msg_begin(struct dvpn_msg *msg, struct dvpn_dev *dd,
		    unsigned int idx, u8 cmd, size_t size)
{
	struct sk_buff *skb;

	msg->dd = dd;
	msg->idx = idx;
	size += GENL_HDRLEN + 4 * nla_total_size(sizeof(u32)) +
		nla_total_size(IFNAMSIZ);
	skb = nlmsg_new(size, GFP_ATOMIC);
	if (!skb)
		goto err_lost;
	msg->skb = skb;
	msg->hdr = genlmsg_put(skb, 0, 0, &dvpn_genl_family, 0, cmd);
	msg->seq = nla_reserve(skb, DVPN_A_SEQ, sizeof(u32));
	msg->lost = nla_reserve(skb, DVPN_A_LOST, sizeof(u32));
	if (!msg->hdr || !msg->seq || !msg->lost ||
	    nla_put_u32(skb, DVPN_A_IFINDEX, dd->dev->ifindex) ||
	    nla_put_string(skb, DVPN_A_IFNAME, dd->dev->name) ||
	    nla_put_u32(skb, DVPN_A_GENERATION, READ_ONCE(dd->generation)))
		goto err_free;

	return true;

err_free:
	nlmsg_free(skb);
err_lost:
	spin_lock_bh(&dd->agent_lock);
	msg_lost(dd, idx);
	spin_unlock_bh(&dd->agent_lock);
	return false;
}

/**
 * dvpn_msg_end() - number a message and send it
 * @msg: the message
 * @err: 0, or why the attributes could not be written
 *
 * Context: any but hard irq.
 * Return: 0; -ENOTCONN nobody is bound; -ENOBUFS lost, and counted.
 */
int dvpn_msg_end(struct dvpn_msg *msg, int err)
{
	struct dvpn_dev *dd = msg->dd;
	struct dvpn_agent *agent = &dd->agent[msg->idx];

	genlmsg_end(msg->skb, msg->hdr);

	/* Under the lock to the end: numbers and messages keep their order. */
	spin_lock_bh(&dd->agent_lock);
	if (!agent->net) {
		nlmsg_free(msg->skb);
		err = -ENOTCONN;
		goto out;
	}

	agent->seq++;
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(msg->skb);
		msg_lost(dd, msg->idx);
		err = -ENOBUFS;
		goto out;
	}
	*(u32 *)nla_data(msg->seq) = agent->seq;
	*(u32 *)nla_data(msg->lost) = agent->lost;
	err = genlmsg_unicast(agent->net, msg->skb, agent->portid);
	if (!err) {
		agent->lost = 0;
	} else if (err == -ECONNREFUSED) {
		agent_clear(dd, msg->idx);
		err = -ENOTCONN;
	} else {
		msg_lost(dd, msg->idx);
		err = -ENOBUFS;
	}
out:
	spin_unlock_bh(&dd->agent_lock);

	return err;
}

/* ----- the end of a socket ----- */

static int agent_netlink_event(struct notifier_block *nb, unsigned long state,
			       void *ptr)
{
	const struct netlink_notify *notify = ptr;
	struct dvpn_dev *dd;
	unsigned int i;

	if (state != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;

	/* A port is unique in its namespace only: compare both. */
	spin_lock_bh(&agent_devs_lock);
	list_for_each_entry(dd, &agent_devs, agent_node) {
		spin_lock(&dd->agent_lock);
		for (i = 0; i < DVPN_AGENT_N; i++)
			if (agent_is(&dd->agent[i], notify->net,
				     notify->portid))
				agent_clear(dd, i);
		spin_unlock(&dd->agent_lock);
	}
	spin_unlock_bh(&agent_devs_lock);

	return NOTIFY_DONE;
}

static struct notifier_block agent_netlink_notifier = {
	.notifier_call = agent_netlink_event,
};

/**
 * dvpn_agent_init() - prepare for agents
 * @dd: device
 *
 * Context: process, before the device is visible.
 */
void dvpn_agent_init(struct dvpn_dev *dd)
{
	spin_lock_init(&dd->agent_lock);
	INIT_LIST_HEAD(&dd->agent_node);
	dd->agent_gone_ns = ktime_get_coarse_boottime_ns();
}

/**
 * dvpn_agent_destroy() - the end of it
 * @dd: device
 *
 * Context: process; nothing raises events any more.
 */
void dvpn_agent_destroy(struct dvpn_dev *dd)
{
	spin_lock_bh(&agent_devs_lock);
	list_del_init(&dd->agent_node);
	spin_unlock_bh(&agent_devs_lock);
	dvpn_agent_drop(dd);
}

/**
 * dvpn_event_module_init() - begin to watch for the end of sockets
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int dvpn_event_module_init(void)
{
	return netlink_register_notifier(&agent_netlink_notifier);
}

/**
 * dvpn_event_module_exit() - end that
 *
 * Context: process.
 */
void dvpn_event_module_exit(void)
{
	netlink_unregister_notifier(&agent_netlink_notifier);
}
