/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One configured tunnel: waits for its device, becomes its agent, adopts what its
 * table holds, and carries words between the kernel and the protocol core
 */
#ifndef DVPND_TUNNEL_H
#define DVPND_TUNNEL_H

#include <ev.h>

#include "dvpnd/config.h"
#include "dvpnd/export.h"
#include "dvpnd/recon.h"
#include "dvpnd/tracing.h"
#include "lib/dvpn.h"
#include "nhrp/core.h"

struct daemon;

#define TUNNEL_REASON_MAX 200

/*
 * States: enumerator, name in Status.
 */
#define TUNNEL_STATES(X) \
	X(NO_MODULE,	"no-module") \
	X(NO_DEVICE,	"no-device") \
	X(BUSY,		"busy") \
	X(SYNCING,	"syncing") \
	X(DOWN,		"down") \
	X(NO_ADDRESS,	"no-address") \
	X(UP,		"up") \
	X(LEAVING,	"leaving") \
	X(LEFT,		"left")

/**
 * enum tunnel_state - how far a tunnel is (Documentation/control.rst has the text)
 */
enum tunnel_state {
#define X(id, name) TUNNEL_##id,
	TUNNEL_STATES(X)
#undef X
};

#define TUNNEL_UNREACH_MAX 16

/**
 * struct unreach - packets to a peer could not leave
 * @peer_id: the kernel's number of the peer, 0: this place is free.
 * @reason: &enum dvpn_reason.
 * @error: positive errno, 0: none.
 * @at_ms: when.
 */
struct unreach {
	u32 peer_id;
	u8 reason;
	u32 error;
	u64 at_ms;
};

/**
 * struct tunnel - one configured tunnel
 * @next: in the daemon's list.
 * @d: daemon.
 * @cfg: its section of the config file.
 * @state: how far it is.
 * @reason: why it is not further, empty if all is well.
 * @since_ms: when @state was entered.
 * @link: the device, while there is one.
 * @has_link: @link is valid.
 * @vrf: the VRF that its underlay is in, empty: none; names are looked up there.
 * @attached: we are the device's agent; what follows is valid.
 * @broken: a socket failed: detach and try again.
 * @want_resync: the table must be read again.
 * @retiring: it is not configured any more; freed when it has left.
 * @settled: the kernel has what the core wanted when it started.
 * @swept: entries of former owners are gone.
 * @owner: what our entries carry.
 * @features: of the module.
 * @retry_s: how long to wait before the next try to attach.
 * @started_ms: when the core started on the device.
 * @resynced_ms: when the table was last read again, 0: not yet.
 * @resyncs: how often the table was read again.
 * @lost: events from the kernel that did not reach us.
 * @frames_lost: frames that did not: the kernel had no room to queue them.
 * @bad: messages from the kernel that made no sense.
 * @leave_sent: purges that had been sent when it began to leave.
 * @leave_answered: of those, answered.
 * @leave_unanswered: purges that had got no answer by then.
 * @bindings: what of the bindings file did not fit yet, as such a file, or NULL.
 * @bindings_len: bytes of @bindings.
 * @saved_ms: when its registrations were last saved, 0: not yet.
 * @save_cost_ms: how long that took.
 * @save_error: what became of it, negative errno.
 * @unreach: peers that packets could not leave to, the oldest is overwritten.
 * @next_unreach: place in @unreach for the next one.
 * @tracing: what was said last.
 * @handle: for questions to the module.
 * @frames: frames come by it.
 * @events: events come by it.
 * @chan: requests go by it.
 * @recon: what is wanted of the kernel's table.
 * @export: routes to those who are registered here. Not attached: what takes such ones out
 *	before it has left, or NULL.
 * @nhrp: the protocol core's part.
 * @frames_io: @frames is readable.
 * @events_io: @events is readable.
 * @chan_io: @chan is readable.
 * @retry: try to attach again.
 */
struct tunnel {
	struct tunnel *next;
	struct daemon *d;
	struct config_tunnel cfg;
	enum tunnel_state state;
	char reason[TUNNEL_REASON_MAX];
	u64 since_ms;
	struct dvpn_link link;
	bool has_link;
	char vrf[IFNAMSIZ];
	bool attached;
	bool broken;
	bool want_resync;
	bool retiring;
	bool settled;
	bool swept;
	u32 owner;
	u32 features;
	double retry_s;
	u64 started_ms;
	u64 resynced_ms;
	u64 resyncs;
	u64 lost;
	u64 frames_lost;
	u64 bad;
	u64 leave_sent;
	u64 leave_answered;
	u64 leave_unanswered;
	char *bindings;
	size_t bindings_len;
	u64 saved_ms;
	u64 save_cost_ms;
	int save_error;
	struct unreach unreach[TUNNEL_UNREACH_MAX];
	unsigned int next_unreach;
	struct tracing tracing;
	struct dvpn_handle *handle;
	struct dvpn_agent *frames;
	struct dvpn_agent *events;
	struct dvpn_chan *chan;
	struct recon *recon;
	struct export *export;
	struct nhrp_tunnel *nhrp;
	ev_io frames_io;
	ev_io events_io;
	ev_io chan_io;
	ev_timer retry;
};

/**
 * tunnel_new() - make a tunnel and put it into the daemon's list
 * @d: daemon.
 * @cfg: its section of the config file.
 * @away: as if it had been told to leave; else it looks for its device.
 *
 * Return: NULL without memory.
 */
struct tunnel *tunnel_new(struct daemon *d, const struct config_tunnel *cfg, bool away);

/* Take it out, say goodbye and free it when that is done. */
void tunnel_retire(struct tunnel *t);

/* Take it out and free it. The kernel's table stays as it is. */
void tunnel_free(struct tunnel *t);

struct tunnel *tunnel_find(struct daemon *d, const char *name);

/* Go over to another config of the same tunnel; one that has left begins again if @resume. */
void tunnel_reconfigure(struct tunnel *t, const struct config_tunnel *cfg, bool resume);

/* Hear what comes by its sockets. */
void tunnel_watch(struct tunnel *t);

/**
 * tunnel_run() - do what has piled up
 * @t: tunnel.
 *
 * Return: milliseconds until it wants to run again, UINT64_MAX: not by itself.
 */
u64 tunnel_run(struct tunnel *t);

/**
 * tunnel_flush() - send what waits for it
 * @t: tunnel.
 *
 * After all tunnels have run: what came by one may go on by another one of its domain.
 *
 * Return: false: its socket does not work, tunnel_run() has to look at it.
 */
bool tunnel_flush(struct tunnel *t);

/* Read all that the kernel has for it: after a pause, before the core's timers run. */
void tunnel_catch_up(struct tunnel *t);

#endif /* DVPND_TUNNEL_H */
