// SPDX-License-Identifier: GPL-2.0
/*
 * When the local address of a device changes, its peers hear of it one after
 * the other. What they send to the old one until then is still received.
 */
#include <linux/jiffies.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "device.h"
#include "drain.h"
#include "tuple.h"

#define DVPN_DRAIN_JIFFIES	(10 * HZ)
#define DVPN_DRAIN_MAX		8	/* former addresses of a device */

static void dvpn_drain_end(struct dvpn_drain *drain, struct dvpn_conf *conf)
{
	dvpn_conf_unhash(conf);
	list_del(&conf->drain_node);
	drain->n--;
	kfree_rcu(conf, rcu);
}

static struct dvpn_conf *dvpn_drain_first(struct dvpn_drain *drain)
{
	return list_first_entry_or_null(&drain->confs, struct dvpn_conf,
					drain_node);
}

static void dvpn_drain_work(struct work_struct *work)
{
	struct dvpn_drain *drain = container_of(to_delayed_work(work),
						struct dvpn_drain, work);
	unsigned long now = jiffies, delay = 1;
	struct dvpn_conf *conf;

	/* Who waits for the end of this work has rtnl. */
	if (rtnl_trylock()) {
		while ((conf = dvpn_drain_first(drain)) &&
		       time_after_eq(now, conf->drain_until))
			dvpn_drain_end(drain, conf);
		if (conf)
			delay = conf->drain_until - now;
		rtnl_unlock();
		if (!conf)
			return;
	}
	schedule_delayed_work(&drain->work, delay);
}

static bool dvpn_drain_hashed(const struct dvpn_conf *conf)
{
	return !hlist_unhashed(&conf->node4) || !hlist_unhashed(&conf->node6);
}

/* Leave of @old what @conf has not. */
static void dvpn_drain_reduce(struct dvpn_conf *old,
			      const struct dvpn_conf *conf)
{
	if (dvpn_conf_collides(conf, old, AF_INET))
		hlist_del_init_rcu(&old->node4);
	if (dvpn_conf_collides(conf, old, AF_INET6))
		hlist_del_init_rcu(&old->node6);
}

/* With another key or link it is another tunnel. */
static bool dvpn_drain_same(const struct dvpn_conf *old,
			    const struct dvpn_conf *new)
{
	const u32 key = DVPN_LINK_F_KEY;

	return !((old->flags ^ new->flags) & key) && old->key == new->key &&
	       !strcmp(old->link_name, new->link_name);
}

/**
 * dvpn_drain_conf() - a configuration was replaced
 * @dd: device
 * @old: former configuration, consumed
 * @new: the one in its place
 *
 * Context: rtnl.
 */
void dvpn_drain_conf(struct dvpn_dev *dd, struct dvpn_conf *old,
		     const struct dvpn_conf *new)
{
	struct dvpn_drain *drain = &dd->drain;

	ASSERT_RTNL();
	dvpn_drain_reduce(old, new);
	if (!dvpn_drain_same(old, new) || !dvpn_drain_hashed(old)) {
		dvpn_conf_unhash(old);
		kfree_rcu(old, rcu);
		return;
	}
	if (drain->n == DVPN_DRAIN_MAX)
		dvpn_drain_end(drain, dvpn_drain_first(drain));
	old->drain_until = jiffies + DVPN_DRAIN_JIFFIES;
	list_add_tail(&old->drain_node, &drain->confs);
	drain->n++;
	schedule_delayed_work(&drain->work, DVPN_DRAIN_JIFFIES);
}

/**
 * dvpn_drain_yield() - a tuple has a new owner
 * @dn: underlay namespace
 * @conf: what the owner serves
 *
 * Context: rtnl.
 */
void dvpn_drain_yield(struct dvpn_net *dn, const struct dvpn_conf *conf)
{
	struct dvpn_conf *old, *next;
	struct dvpn_dev *dd;

	ASSERT_RTNL();
	list_for_each_entry(dd, &dn->devs, dev_node)
		list_for_each_entry_safe(old, next, &dd->drain.confs,
					 drain_node) {
			dvpn_drain_reduce(old, conf);
			if (!dvpn_drain_hashed(old))
				dvpn_drain_end(&dd->drain, old);
		}
}

/**
 * dvpn_drain_stop() - end all
 * @drain: of a device that goes
 *
 * Context: rtnl.
 */
void dvpn_drain_stop(struct dvpn_drain *drain)
{
	struct dvpn_conf *conf;

	ASSERT_RTNL();
	cancel_delayed_work_sync(&drain->work);
	while ((conf = dvpn_drain_first(drain)))
		dvpn_drain_end(drain, conf);
}

/**
 * dvpn_drain_init() - nothing to be drained yet
 * @drain: of a new device
 */
void dvpn_drain_init(struct dvpn_drain *drain)
{
	INIT_LIST_HEAD(&drain->confs);
	INIT_DELAYED_WORK(&drain->work, dvpn_drain_work);
}
