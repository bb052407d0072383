/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The NHRP protocol engine (RFC 2332 and what Cisco and FRR made of it)
 *
 * Pure: no system call, no clock, no socket. Everything that happens comes in
 * by a call with the time of day of a monotonic clock, everything that is to be
 * done goes out by a callback of struct nhrp_env. The same code runs in the
 * daemon, in unit tests, under a fuzzer and in a simulator.
 *
 * One struct nhrp_core serves any number of tunnels; neither is thread-safe.
 * Times are milliseconds of a monotonic clock that counts suspend, or
 * differences of it; 0 is "never" where the text says so.
 */
#ifndef NHRP_CORE_H
#define NHRP_CORE_H

#include <stddef.h>
#include <stdint.h>

#include "nhrp/config.h"
#include "nhrp/env.h"
#include "nhrp/map.h"
#include "nhrp/notice.h"
#include "nhrp/show.h"

struct nhrp_core;
struct nhrp_tunnel;

/**
 * nhrp_core_new() - make an engine
 * @env: copied.
 *
 * Return: NULL without memory.
 */
struct nhrp_core *nhrp_core_new(const struct nhrp_env *env);

/**
 * nhrp_core_free() - forget everything
 * @core: or NULL. Its tunnels are freed too.
 *
 * Sends nothing and leaves the kernel as it is.
 */
void nhrp_core_free(struct nhrp_core *core);

/**
 * nhrp_core_next_deadline_ms() - when does the core want to run?
 * @core: engine.
 *
 * Return: the time at which nhrp_core_run() has work, UINT64_MAX for never. May
 * change with every call of this file.
 */
u64 nhrp_core_next_deadline_ms(const struct nhrp_core *core);

/**
 * nhrp_core_is_late() - has nobody called nhrp_core_run() in time?
 * @core: engine.
 * @now_ms: now.
 *
 * Return: true if a deadline has passed for more than a second: the machine
 * slept, or the process was stopped.
 */
bool nhrp_core_is_late(const struct nhrp_core *core, u64 now_ms);

/**
 * nhrp_core_run() - handle every timer that is due
 * @core: engine.
 * @now_ms: now; never less than in an earlier call.
 *
 * If one is due, what waits from those we know comes first: who was refreshed
 * in time does not expire. So give what was received to nhrp_tunnel_queue()
 * before.
 */
void nhrp_core_run(struct nhrp_core *core, u64 now_ms);

/**
 * nhrp_tunnel_new() - make a tunnel, silent until nhrp_tunnel_start()
 * @core: engine.
 * @cfg: copied; checked by nhrp_tunnel_config_check().
 * @priv: for nhrp_tunnel_priv().
 * @now_ms: now.
 *
 * Between this call and nhrp_tunnel_start() the daemon binds to the device and
 * feeds what the kernel holds to nhrp_tunnel_adopt_map() and _adopt_peer().
 *
 * Return: NULL if @cfg is not valid or there is no memory.
 */
struct nhrp_tunnel *nhrp_tunnel_new(struct nhrp_core *core,
				    const struct nhrp_tunnel_config *cfg,
				    void *priv, u64 now_ms);

/**
 * nhrp_tunnel_free() - forget a tunnel
 * @t: tunnel or NULL.
 *
 * Sends nothing and leaves the kernel as it is; see nhrp_tunnel_leave().
 */
void nhrp_tunnel_free(struct nhrp_tunnel *t);

/**
 * nhrp_tunnel_priv() - the pointer given to nhrp_tunnel_new()
 * @t: tunnel.
 */
void *nhrp_tunnel_priv(const struct nhrp_tunnel *t);

/**
 * nhrp_tunnel_adopt_map() - take over a mapping found in the kernel
 * @t: tunnel that has not started.
 * @map: one entry of the dump; @map->expires_ms is the time that is left.
 * @now_ms: now.
 *
 * Entries of the administrator (owner 0) are respected: nothing of ours will
 * touch or replace them. An entry with a cookie of ours becomes state of the
 * core and is set again, with the daemon's owner, by nhrp_tunnel_start().
 *
 * Return: 0 if it was adopted, -EINVAL if the cookie is not ours or says
 * nonsense (leave it to the sweep), -ENOSPC if a table is full.
 */
int nhrp_tunnel_adopt_map(struct nhrp_tunnel *t, const struct nhrp_map *map,
			  u64 now_ms);

/**
 * nhrp_tunnel_adopt_peer() - take over a peer without mapping
 * @t: tunnel that has not started.
 * @peer: one entry of the dump.
 * @now_ms: now.
 *
 * Return: as nhrp_tunnel_adopt_map().
 */
int nhrp_tunnel_adopt_peer(struct nhrp_tunnel *t, const struct nhrp_peer *peer,
			   u64 now_ms);

/**
 * nhrp_tunnel_restore() - take back a registration that was saved
 * @t: tunnel, after the kernel's table was adopted.
 * @b: what nhrp_tunnel_walk_bindings() gave at that time; @expires_ms is the
 *	time that is left, what is counted or measured is not looked at.
 * @now_ms: now.
 *
 * It is provisional: packets go where it was, until its time ends. It answers
 * nothing and keeps nobody out: any valid claim of its address or of its
 * locator takes its place at once. A message that its owner sends from there
 * makes it a registration as any other.
 *
 * Return: 0; -EEXIST if the kernel's table or @t knows better; -EINVAL if it
 * would not be accepted as a registration, for instance before the address in
 * whose subnet it is has come; -ENOSPC if the table is full.
 */
int nhrp_tunnel_restore(struct nhrp_tunnel *t,
			const struct nhrp_binding_info *b, u64 now_ms);

/**
 * nhrp_tunnel_save_at_ms() - when are the registrations to be saved?
 * @t: tunnel.
 *
 * New ones, moved ones and the end of one at once, their mere refreshes within
 * a sixth of their holding time.
 *
 * Return: that time, UINT64_MAX: nothing has changed since nhrp_tunnel_saved().
 */
u64 nhrp_tunnel_save_at_ms(const struct nhrp_tunnel *t);

/**
 * nhrp_tunnel_saved() - the registrations have been saved as they are
 * @t: tunnel.
 */
void nhrp_tunnel_saved(struct nhrp_tunnel *t);

/**
 * nhrp_tunnel_start() - begin to work
 * @t: tunnel.
 * @now_ms: now.
 *
 * Sets every mapping and peer that is wanted, the adopted ones included; what
 * carries another owner after that can be swept.
 */
void nhrp_tunnel_start(struct nhrp_tunnel *t, u64 now_ms);

/**
 * nhrp_tunnel_resync() - set everything again
 * @t: tunnel.
 * @now_ms: now.
 *
 * After lost netlink messages or a kernel table that is not what it was.
 */
void nhrp_tunnel_resync(struct nhrp_tunnel *t, u64 now_ms);

/**
 * nhrp_tunnel_reconfigure() - go over to another configuration
 * @t: tunnel.
 * @cfg: new configuration.
 * @now_ms: now.
 *
 * Only what differs is touched: a hub that is gone gets a purge and its
 * mapping is deleted, one that is too many gets a purge, a protocol address that
 * is gone is taken back, a new one is registered, a changed NBMA address is
 * registered anew with the hubs of its family and direct paths in it are proven
 * again; a hub whose name leads elsewhere stays where it is until it has answered
 * there; all else stays.
 *
 * Return: 0, -EINVAL or -EEXIST and nothing changed if @cfg is not valid.
 */
int nhrp_tunnel_reconfigure(struct nhrp_tunnel *t,
			    const struct nhrp_tunnel_config *cfg,
			    u64 now_ms);

/**
 * nhrp_tunnel_leave() - deregister and say goodbye
 * @t: tunnel.
 * @now_ms: now.
 *
 * Purges go to the hubs, to everybody we answered, and to those registered here that were told
 * of others by another tunnel of the domain, three times at most within a second; mappings of
 * ours are deleted. The tunnel does nothing
 * more after that until nhrp_tunnel_start().
 */
void nhrp_tunnel_leave(struct nhrp_tunnel *t, u64 now_ms);

/**
 * nhrp_tunnel_left() - is nhrp_tunnel_leave() done?
 * @t: tunnel.
 *
 * What another tunnel of its domain had to tell is that one's affair.
 *
 * Return: true when every purge was answered or given up.
 */
bool nhrp_tunnel_left(const struct nhrp_tunnel *t);

/**
 * struct nhrp_frame - an NHRP packet that came in
 * @from: outer source as a locator (mark and if_id as the kernel keys it).
 * @local: outer destination.
 * @peer_id: the kernel's id of the sending peer, 0 if it is none.
 * @has_sa: it came by ESP; the next three are valid.
 * @sa_spi: SPI of the last ESP state, host byte order.
 * @sa_reqid: reqid of that state.
 * @sa_if_id: xfrm interface id of that state.
 * @data: the packet without GRE header.
 * @len: number of bytes in @data.
 */
struct nhrp_frame {
	struct nhrp_peer_key from;
	struct nhrp_addr local;
	u32 peer_id;
	bool has_sa;
	u32 sa_spi;
	u32 sa_reqid;
	u32 sa_if_id;
	const void *data;
	size_t len;
};

/**
 * nhrp_tunnel_frame() - an NHRP packet came in
 * @t: tunnel.
 * @frame: packet and where it came from; hostile.
 * @now_ms: now.
 */
void nhrp_tunnel_frame(struct nhrp_tunnel *t, const struct nhrp_frame *frame,
		       u64 now_ms);

/**
 * nhrp_tunnel_queue() - an NHRP packet came in that can wait
 * @t: tunnel.
 * @frame: packet and where it came from; copied.
 *
 * A bounded number waits. If there are more, the oldest is dropped and counted,
 * and of one source only so many wait; nobody takes the place of hubs and of
 * peers of the kernel, as who is registered is. What one source sent is handled
 * in the order in which it came.
 */
void nhrp_tunnel_queue(struct nhrp_tunnel *t, const struct nhrp_frame *frame);

/**
 * nhrp_tunnel_queued() - packets that wait
 * @t: tunnel.
 */
unsigned int nhrp_tunnel_queued(const struct nhrp_tunnel *t);

/**
 * nhrp_tunnel_run_queue() - handle packets that wait
 * @t: tunnel.
 * @max: at most so many; of those at most a quarter of strangers while others
 *	wait, too.
 * @now_ms: now.
 */
void nhrp_tunnel_run_queue(struct nhrp_tunnel *t, unsigned int max, u64 now_ms);

/**
 * nhrp_tunnel_run_known() - handle all packets of those we know that wait
 * @t: tunnel.
 * @now_ms: now.
 *
 * Before something is told that came later, as the end of a mapping.
 */
void nhrp_tunnel_run_known(struct nhrp_tunnel *t, u64 now_ms);

/**
 * nhrp_tunnel_tx_result() - what became of a frame
 * @t: tunnel.
 * @cookie: of tx_frame; unknown ones are ignored.
 * @error: 0 sent; -EINPROGRESS no security association yet (repeated soon, not
 *	counted as unanswered); -EHOSTUNREACH, -EMSGSIZE, -EPERM, -ENETDOWN.
 * @now_ms: now.
 */
void nhrp_tunnel_tx_result(struct nhrp_tunnel *t, u64 cookie, int error,
			   u64 now_ms);

/**
 * nhrp_tunnel_miss() - the kernel has no mapping for a next hop
 * @t: tunnel.
 * @next_hop: protocol address.
 * @now_ms: now.
 */
void nhrp_tunnel_miss(struct nhrp_tunnel *t, const struct nhrp_addr *next_hop,
		      u64 now_ms);

/**
 * struct nhrp_redirect - a packet entered and left by the same domain
 * @src: its source.
 * @dst: its destination.
 * @has_ingress: @ingress is valid.
 * @ingress: the peer it came from; it is told of the shortcut.
 * @packet: leading bytes of it, from the network header on.
 * @len: number of bytes in @packet.
 */
struct nhrp_redirect {
	struct nhrp_addr src;
	struct nhrp_addr dst;
	bool has_ingress;
	struct nhrp_peer_key ingress;
	const void *packet;
	size_t len;
};

/**
 * nhrp_tunnel_redirect() - the kernel's redirect hint
 * @t: tunnel the packet came in by.
 * @r: the packet.
 * @now_ms: now.
 */
void nhrp_tunnel_redirect(struct nhrp_tunnel *t, const struct nhrp_redirect *r,
			  u64 now_ms);

/**
 * nhrp_tunnel_unknown_peer() - a packet came from a stranger
 * @t: tunnel.
 * @from: its locator.
 * @len: bytes of the packet inside its GRE header; the NHRP packet that we may
 *	send back is never longer
 * @now_ms: now.
 */
void nhrp_tunnel_unknown_peer(struct nhrp_tunnel *t,
			      const struct nhrp_peer_key *from, size_t len,
			      u64 now_ms);

/**
 * nhrp_tunnel_unknown_source() - who sent the packet of a stranger
 * @t: tunnel.
 * @src: source of the inner packet.
 * @now_ms: now.
 *
 * A spoke that has lost its memory has forgotten whom it told its locator. They
 * send on, a foreign one as long as it was told. Nothing is believed of the
 * packet: the hub is asked where @src is, and its answer lets the sender in.
 */
void nhrp_tunnel_unknown_source(struct nhrp_tunnel *t,
				const struct nhrp_addr *src, u64 now_ms);

/**
 * nhrp_tunnel_peer_unreach() - packets to a peer cannot leave
 * @t: tunnel.
 * @peer: its locator.
 * @error: negative errno, 0 if only a reason is known.
 * @now_ms: now.
 *
 * A hint: the peer is probed at once, nothing is taken away.
 */
void nhrp_tunnel_peer_unreach(struct nhrp_tunnel *t,
			      const struct nhrp_peer_key *peer, int error,
			      u64 now_ms);

/**
 * nhrp_tunnel_forget_ike() - who asks for associations is another one from now on
 * @t: tunnel.
 * @now_ms: now.
 *
 * What an IKE identity has registered that no identity has is nobody's until it
 * is registered again: of associations that are there nobody tells whose they are.
 */
void nhrp_tunnel_forget_ike(struct nhrp_tunnel *t, u64 now_ms);

/**
 * nhrp_tunnel_peer_no_sa() - the last security association with a peer is gone
 * @t: tunnel.
 * @peer: its locator.
 * @now_ms: now.
 *
 * Packets would wait there for another one: a direct path is on probation again,
 * and the hub's carries data until it is proven.
 */
void nhrp_tunnel_peer_no_sa(struct nhrp_tunnel *t,
			    const struct nhrp_peer_key *peer, u64 now_ms);

/**
 * nhrp_tunnel_expired() - the kernel dropped a mapping at its time
 * @t: tunnel.
 * @prefix: which.
 * @now_ms: now.
 */
void nhrp_tunnel_expired(struct nhrp_tunnel *t,
			 const struct nhrp_prefix *prefix, u64 now_ms);

/**
 * nhrp_tunnel_lower() - the underlay came or went
 * @t: tunnel.
 * @up: whether frames can be sent now.
 * @now_ms: now.
 *
 * Down stops requests and takes nothing away; up registers at once.
 */
void nhrp_tunnel_lower(struct nhrp_tunnel *t, bool up, u64 now_ms);

/**
 * nhrp_tunnel_peer_ready() - a security association with a peer came up
 * @t: tunnel.
 * @peer: its locator; mark and if_id are not looked at.
 * @now_ms: now.
 *
 * What waits for an answer from there is sent again at once.
 */
void nhrp_tunnel_peer_ready(struct nhrp_tunnel *t,
			    const struct nhrp_peer_key *peer, u64 now_ms);

/**
 * nhrp_tunnel_routes_changed() - the routing table is not what it was
 * @t: tunnel.
 * @now_ms: now.
 *
 * Those we answered for a prefix that is not ours any more get a purge, and
 * shortcuts that no route of the tunnel covers any more are dropped. One whose
 * route is narrower now, or by another gateway, is asked for again. After 3 s
 * without an answer it is dropped, unless only the gateway is another one and the
 * path works. Call it at most a few times a second.
 */
void nhrp_tunnel_routes_changed(struct nhrp_tunnel *t, u64 now_ms);

#endif /* NHRP_CORE_H */
