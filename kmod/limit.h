/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPN_LIMIT_H
#define DVPN_LIMIT_H

#include <linux/atomic.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct dvpn_bucket - token bucket
 * @lock: spinlock (BH) over the rest
 * @rate: tokens per second
 * @burst: most tokens
 * @tokens: left, in units of 1/HZ token
 * @stamp: jiffies of the last refill
 */
struct dvpn_bucket {
	spinlock_t lock; /* the rest */
	u32 rate;
	u32 burst;
	u64 tokens;
	unsigned long stamp;
};

void dvpn_bucket_init(struct dvpn_bucket *bucket, u32 rate, u32 burst);
/* Take a token. Any context but hard irq. */
bool dvpn_bucket_take(struct dvpn_bucket *bucket);

/**
 * struct dvpn_limiter - at most one event per key and interval
 * @seed: of the hash, so that nobody can choose keys that collide
 * @bucket: limits all keys together
 * @interval: jiffies between two events for one key
 * @mask: number of slots - 1
 * @slots: upper half: part of the hash, lower half: jiffies of the last event
 *
 * Memory is fixed. Two keys in one slot displace one another, which costs
 * tokens of @bucket and nothing else.
 */
struct dvpn_limiter {
	siphash_key_t seed;
	struct dvpn_bucket bucket;
	u32 interval;
	u32 mask;
	atomic64_t slots[];
};

/* @slots: a power of 2. NULL: no memory. Free with kvfree(). */
struct dvpn_limiter *dvpn_limiter_new(unsigned int slots, u32 interval,
				      u32 rate, u32 burst);
/* May an event for this key be raised now? Any context but hard irq. */
bool dvpn_limiter_pass(struct dvpn_limiter *limiter, const void *key,
		       size_t len);

#endif /* DVPN_LIMIT_H */
