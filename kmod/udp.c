// SPDX-License-Identifier: GPL-2.0
/*
 * GRE in UDP (RFC 8086): the sockets that it is received by.
 *
 * A socket belongs to an underlay namespace, a family, a port and a VRF, and
 * serves all devices there that want that port: which of them a packet is for
 * is decided as for plain GRE.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/list.h>
#include <linux/net.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/gre.h>
#include <net/gro.h>
#include <net/l3mdev.h>
#include <net/protocol.h>
#include <net/sock.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "decap.h"
#include "device.h"
#include "tuple.h"
#include "udp.h"

/**
 * struct dvpn_udp_sock - a socket that devices share
 * @node: in &dvpn_net.udp_socks
 * @sock: the socket
 * @users: configurations that have it
 * @l3mdev: VRF it is bound to, 0 none
 * @port: local port
 * @family: AF_INET or AF_INET6
 *
 * All under rtnl. The receive path needs the socket only.
 */
struct dvpn_udp_sock {
	struct list_head node;
	struct socket *sock;
	unsigned int users;
	int l3mdev;
	__be16 port;
	u8 family;
};

/* What comes to the port ends here, ours or not: there is nobody else. */
static int dvpn_udp_rcv(struct sock *sk, struct sk_buff *skb)
{
	if (!dvpn_decap_udp(skb, sock_net(sk), inet_sk(sk)->inet_sport))
		atomic_inc(&sk->sk_drops);
	return 0;
}

/* The hook on local input has seen the error, and believes less. */
static int dvpn_udp_err_lookup(struct sock *sk, struct sk_buff *skb)
{
	return -ENOENT;
}

/* The GRO of GRE works behind UDP as well, and is the same for both families. */
static const struct net_offload *dvpn_gre_offload(void)
{
	return rcu_dereference(inet_offloads[IPPROTO_GRE]);
}

static struct sk_buff *dvpn_udp_gro_receive(struct sock *sk,
					    struct list_head *head,
					    struct sk_buff *skb)
{
	const struct net_offload *gre = dvpn_gre_offload();

	if (!gre || !gre->callbacks.gro_receive)
		return NULL;
	/* UDP and GRE are one encapsulation. Behind UDP there is no GRE
	 * checksum.
	 */
	NAPI_GRO_CB(skb)->encap_mark = 0;
	NAPI_GRO_CB(skb)->is_fou = 1;
	return call_gro_receive(gre->callbacks.gro_receive, head, skb);
}

static int dvpn_udp_gro_complete(struct sock *sk, struct sk_buff *skb,
				 int nhoff)
{
	const struct net_offload *gre = dvpn_gre_offload();
	struct udphdr *uh = (struct udphdr *)(skb->data + nhoff) - 1;
	int err;

	if (!gre || !gre->callbacks.gro_complete)
		return -ENOENT;
	err = gre->callbacks.gro_complete(skb, nhoff);
	/* It took the packet for plain GRE. One that only passes through this
	 * host must be found to be UDP when it is cut again.
	 */
	skb_shinfo(skb)->gso_type &= ~(SKB_GSO_GRE | SKB_GSO_GRE_CSUM);
	skb_shinfo(skb)->gso_type |= uh->check ? SKB_GSO_UDP_TUNNEL_CSUM :
						 SKB_GSO_UDP_TUNNEL;
	return err;
}

static void dvpn_udp_setup(struct net *net, struct socket *sock)
{
	struct udp_tunnel_sock_cfg cfg = {
		.encap_type = 1,
		.encap_rcv = dvpn_udp_rcv,
		.encap_err_lookup = dvpn_udp_err_lookup,
		.gro_receive = dvpn_udp_gro_receive,
		.gro_complete = dvpn_udp_gro_complete,
	};

	/* Each device says whether it takes them. */
	if (sock->sk->sk_family == AF_INET6)
		udp_set_no_check6_rx(sock->sk, true);
	setup_udp_tunnel_sock(net, sock, &cfg);
	/* Not cut before it is taken out: that is left to who sends it on. */
	udp_allow_gso(sock->sk);
}

static int dvpn_udp_bind(struct socket *sock, u8 family, __be16 port)
{
	struct sockaddr_in addr4 = {
		.sin_family = AF_INET,
		.sin_port = port,
	};
	struct sockaddr_in6 addr6 = {
		.sin6_family = AF_INET6,
		.sin6_port = port,
	};

	if (family == AF_INET)
		return kernel_bind(sock, (struct sockaddr *)&addr4,
				   sizeof(addr4));
	ip6_sock_set_v6only(sock->sk);
	return kernel_bind(sock, (struct sockaddr *)&addr6, sizeof(addr6));
}

/* Sockets of ours with this port. Returns whether there are any. */
static bool dvpn_udp_reuse(struct dvpn_net *dn, __be16 port, u8 reuse)
{
	struct dvpn_udp_sock *us;
	bool any = false;

	list_for_each_entry(us, &dn->udp_socks, node) {
		if (us->port == port) {
			us->sock->sk->sk_reuse = reuse;
			any = true;
		}
	}
	return any;
}

/* One of ours in a VRF and one in none are beside each other if both are
 * willing to share; for so long only, or anybody might share with them.
 */
static int dvpn_udp_bind_beside(struct dvpn_net *dn, struct dvpn_udp_sock *us)
{
	int err = -EADDRINUSE;

	us->sock->sk->sk_reuse = SK_CAN_REUSE;
	if (dvpn_udp_reuse(dn, us->port, SK_CAN_REUSE))
		err = dvpn_udp_bind(us->sock, us->family, us->port);
	dvpn_udp_reuse(dn, us->port, SK_NO_REUSE);
	us->sock->sk->sk_reuse = SK_NO_REUSE;
	return err;
}

static int dvpn_udp_sock_open(struct dvpn_net *dn, struct dvpn_udp_sock *us)
{
	int err;

	err = sock_create_kern(dn->net, us->family, SOCK_DGRAM, IPPROTO_UDP,
			       &us->sock);
	if (err)
		return err;
	if (us->l3mdev) {
		err = sock_bindtoindex(us->sock->sk, us->l3mdev, true);
		if (err)
			goto err_sock;
	}
	err = dvpn_udp_bind(us->sock, us->family, us->port);
	if (err == -EADDRINUSE)
		err = dvpn_udp_bind_beside(dn, us);
	if (err)
		goto err_sock;
	dvpn_udp_setup(dn->net, us->sock);
	return 0;

err_sock:
	sock_release(us->sock);
	return err;
}

static struct dvpn_udp_sock *dvpn_udp_sock_get(struct dvpn_net *dn, u8 family,
					       __be16 port, int l3mdev)
{
	struct dvpn_udp_sock *us;
	int err;

	list_for_each_entry(us, &dn->udp_socks, node) {
		if (us->family == family && us->port == port &&
		    us->l3mdev == l3mdev) {
			us->users++;
			return us;
		}
	}
	us = kzalloc(sizeof(*us), GFP_KERNEL);
	if (!us)
		return ERR_PTR(-ENOMEM);
	us->users = 1;
	us->l3mdev = l3mdev;
	us->port = port;
	us->family = family;
	err = dvpn_udp_sock_open(dn, us);
	if (err) {
		kfree(us);
		return ERR_PTR(err);
	}
	list_add_tail(&us->node, &dn->udp_socks);
	return us;
}

static void dvpn_udp_sock_put(struct dvpn_udp_sock *us)
{
	if (--us->users)
		return;
	list_del(&us->node);
	udp_tunnel_sock_release(us->sock);
	kfree(us);
}

static int dvpn_udp_l3mdev(const struct dvpn_conf *conf)
{
	return conf->link ? l3mdev_master_ifindex_by_index(conf->dd->net,
							   conf->link) : 0;
}

/* Which families does it serve? A link that is absent serves none. */
static bool dvpn_udp_wanted(const struct dvpn_conf *conf, u8 family)
{
	return conf->port && dvpn_conf_serves(conf, family) &&
	       (conf->link || !conf->link_name[0]);
}

static void dvpn_udp_refuse(struct netlink_ext_ack *extack, int err,
			    __be16 port)
{
	switch (err) {
	case -EADDRINUSE:
		dvpn_compat_err(extack,
				"the UDP port is in use by another socket: stop that or choose another port",
				"UDP port %u is in use by another socket: stop that or choose another port",
				ntohs(port));
		return;
	case -EAFNOSUPPORT:
		NL_SET_ERR_MSG(extack,
			       "this kernel runs without IPv6: no IPv6 local address with port");
		return;
	default:
		NL_SET_ERR_MSG(extack, "cannot open the UDP socket");
	}
}

/**
 * dvpn_udp_open() - open the sockets that a configuration needs
 * @conf: resolved, without sockets, not yet visible
 * @extack: told why not
 *
 * A device without local address does without IPv6 if the kernel does.
 *
 * Context: rtnl.
 * Return: 0; -EADDRINUSE: another has the port; -EAFNOSUPPORT; -ENOMEM.
 */
int dvpn_udp_open(struct dvpn_conf *conf, struct netlink_ext_ack *extack)
{
	static const u8 families[] = { AF_INET, AF_INET6 };
	struct dvpn_net *dn = dvpn_net_get(conf->dd->net);
	int l3mdev = dvpn_udp_l3mdev(conf);
	struct dvpn_udp_sock *us;
	int i;

	ASSERT_RTNL();
	for (i = 0; i < ARRAY_SIZE(families); i++) {
		if (!dvpn_udp_wanted(conf, families[i]))
			continue;
		us = dvpn_udp_sock_get(dn, families[i], conf->port, l3mdev);
		if (!IS_ERR(us)) {
			conf->udp.sock[i] = us;
			continue;
		}
		if (PTR_ERR(us) == -EAFNOSUPPORT &&
		    ipv6_addr_any(&conf->local6))
			continue;
		dvpn_udp_close(&conf->udp);
		dvpn_udp_refuse(extack, PTR_ERR(us), conf->port);
		return PTR_ERR(us);
	}
	return 0;
}

/**
 * dvpn_udp_close() - give sockets back
 * @udp: the sockets; has none afterwards
 *
 * Context: rtnl, sleeps.
 */
void dvpn_udp_close(struct dvpn_udp *udp)
{
	int i;

	ASSERT_RTNL();
	for (i = 0; i < ARRAY_SIZE(udp->sock); i++) {
		if (udp->sock[i])
			dvpn_udp_sock_put(udp->sock[i]);
		udp->sock[i] = NULL;
	}
}

/**
 * dvpn_udp_is_open() - has a configuration what it needs?
 * @conf: resolved
 *
 * Context: rtnl.
 * Return: false: it wants a port and has no socket, or one in a VRF that its
 * link is not in any more.
 */
bool dvpn_udp_is_open(const struct dvpn_conf *conf)
{
	const struct dvpn_udp_sock *us = conf->udp.sock[0] ?:
					 conf->udp.sock[1];

	ASSERT_RTNL();
	if (!conf->port || (conf->link_name[0] && !conf->link))
		return true;
	return us && us->l3mdev == dvpn_udp_l3mdev(conf);
}
