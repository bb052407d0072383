// SPDX-License-Identifier: GPL-2.0
#include "idle_env.h"

static u32 env_rand32(void *ctx)
{
	(void)ctx;
	return 4;
}

static u32 env_request_ids(void *ctx, u32 count)
{
	static u32 next_id = 1;

	(void)ctx;
	next_id += count;
	return next_id - count;
}

static void env_notify(void *ctx, struct nhrp_tunnel *t, const struct nhrp_notice *notice)
{
	(void)ctx;
	(void)t;
	(void)notice;
}

static void env_map_set(void *ctx, struct nhrp_tunnel *t, const struct nhrp_map *map)
{
	(void)ctx;
	(void)t;
	(void)map;
}

static void env_map_del(void *ctx, struct nhrp_tunnel *t, const struct nhrp_prefix *prefix)
{
	(void)ctx;
	(void)t;
	(void)prefix;
}

static void env_peer_del(void *ctx, struct nhrp_tunnel *t, const struct nhrp_peer_key *key)
{
	(void)ctx;
	(void)t;
	(void)key;
}

const struct nhrp_env idle_env = {
	.rand32 = env_rand32,
	.request_ids = env_request_ids,
	.notify = env_notify,
	.map_set = env_map_set,
	.map_del = env_map_del,
	.peer_del = env_peer_del,
};
