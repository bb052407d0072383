/* SPDX-License-Identifier: GPL-2.0 */
/* VICI, the control protocol of strongSwan: what it tells of security associations */
#ifndef VICI_SA_H
#define VICI_SA_H

#include "vici/message.h"

#define VICI_CONN_MAX		64	/* bytes of the name of a connection, NUL included */
#define VICI_IDENTITY_MAX	256	/* of an identity */
#define VICI_SERVICE_MAX	32	/* of the name of a port */

/**
 * struct vici_addr - an address
 * @family: AF_INET, AF_INET6, 0: none.
 * @bytes: 4 or 16 of them.
 */
struct vici_addr {
	u8 family;
	u8 bytes[16];
};

/**
 * struct vici_ike - an IKE_SA
 * @conn: name of its connection; "" if that is too long.
 * @id: number.
 * @remote: address of the other side.
 * @identity: who the other side has proved to be; "" if that is too long or not to be printed.
 * @established: that has been done.
 * @initiator: we have begun it.
 */
struct vici_ike {
	char conn[VICI_CONN_MAX];
	u32 id;
	struct vici_addr remote;
	char identity[VICI_IDENTITY_MAX];
	bool established;
	bool initiator;
};

/**
 * struct vici_child - a CHILD_SA: a pair of ESP states
 * @id: number.
 * @installed: it is in use.
 * @is_tunnel: in tunnel mode.
 * @encap: in UDP.
 * @spi_in: of what comes in, host byte order.
 * @spi_out: of what goes out.
 * @port: UDP port of the other side in the first of its traffic selectors, 0: none.
 * @any_port: that one is for more UDP ports than one, or cannot be read.
 * @service: strongSwan tells the port by this name, which is of /etc/services; @port is 0.
 * @remote: address in that selector if it is for one host, none otherwise.
 */
struct vici_child {
	u32 id;
	bool installed;
	bool is_tunnel;
	bool encap;
	u32 spi_in;
	u32 spi_out;
	u16 port;
	bool any_port;
	char service[VICI_SERVICE_MAX];
	struct vici_addr remote;
};

/**
 * enum vici_sa_news - what is told of a CHILD_SA
 * @VICI_SA_LISTED: it is there (event list-sa).
 * @VICI_SA_UP: it came up.
 * @VICI_SA_REKEYED: it takes the place of another one, of which is told next.
 * @VICI_SA_DOWN: it is gone.
 */
enum vici_sa_news {
	VICI_SA_LISTED,
	VICI_SA_UP,
	VICI_SA_REKEYED,
	VICI_SA_DOWN,
};

/**
 * struct vici_sa_ops - who is told
 * @ike: of an IKE_SA that is there (event list-sa), before its children; NULL: need not be told.
 * @child: of a CHILD_SA.
 * @ike_rekeyed: an IKE_SA has another number.
 */
struct vici_sa_ops {
	void (*ike)(const struct vici_ike *ike, void *ctx);
	void (*child)(enum vici_sa_news news, const struct vici_ike *ike,
		      const struct vici_child *child, void *ctx);
	void (*ike_rekeyed)(u32 from, u32 to, void *ctx);
};

/**
 * vici_sa_event() - read an event about security associations
 * @name: list-sa, child-updown, child-rekey or ike-rekey; of others nothing is told.
 * @body: message.
 * @len: its bytes.
 * @ops: what of it there is.
 * @ctx: for @ops.
 *
 * What has no number or no address is left out, as what there is no name for is.
 */
void vici_sa_event(const char *name, const void *body, size_t len, const struct vici_sa_ops *ops,
		   void *ctx);

#endif /* VICI_SA_H */
