// SPDX-License-Identifier: GPL-2.0
/* Rate limits for what strangers can make the module do. */

#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "limit.h"

/**
 * dvpn_bucket_init() - prepare a full bucket
 * @bucket: the bucket
 * @rate: tokens per second
 * @burst: most tokens
 *
 * Context: any.
 */
void dvpn_bucket_init(struct dvpn_bucket *bucket, u32 rate, u32 burst)
{
	spin_lock_init(&bucket->lock);
	bucket->rate = rate;
	bucket->burst = burst;
	bucket->tokens = (u64)burst * HZ;
	bucket->stamp = jiffies;
}

/**
 * dvpn_bucket_take() - take a token
 * @bucket: the bucket
 *
 * Context: any but hard irq.
 * Return: whether there was one.
 */
bool dvpn_bucket_take(struct dvpn_bucket *bucket)
{
	unsigned long now = jiffies;
	bool taken = false;

	spin_lock_bh(&bucket->lock);
	bucket->tokens += (u64)(now - bucket->stamp) * bucket->rate;
	bucket->tokens = min(bucket->tokens, (u64)bucket->burst * HZ);
	bucket->stamp = now;
	if (bucket->tokens >= HZ) {
		bucket->tokens -= HZ;
		taken = true;
	}
	spin_unlock_bh(&bucket->lock);

	return taken;
}

/**
 * dvpn_limiter_new() - make a limiter
 * @slots: size of its memory, a power of 2
 * @interval: jiffies between two events for one key
 * @rate: events per second, all keys together
 * @burst: most of them at once
 *
 * Context: process.
 * Return: the limiter, to be freed with kvfree(), or NULL.
 */
struct dvpn_limiter *dvpn_limiter_new(unsigned int slots, u32 interval,
				      u32 rate, u32 burst)
{
	struct dvpn_limiter *limiter;

	limiter = kvzalloc(struct_size(limiter, slots, slots),
			   GFP_KERNEL_ACCOUNT);
	if (!limiter)
		return NULL;

	get_random_bytes(&limiter->seed, sizeof(limiter->seed));
	dvpn_bucket_init(&limiter->bucket, rate, burst);
	limiter->interval = interval;
	limiter->mask = slots - 1;

	return limiter;
}

/**
 * dvpn_limiter_pass() - may an event be raised now?
 * @limiter: the limiter
 * @key: what the event is about, as memory
 * @len: bytes of it
 *
 * Context: any but hard irq.
 * Return: true once per key and interval, as long as the bucket has tokens.
 */
bool dvpn_limiter_pass(struct dvpn_limiter *limiter, const void *key,
		       size_t len)
{
	u64 hash = siphash(key, len, &limiter->seed);
	atomic64_t *slot = &limiter->slots[hash & limiter->mask];
	u32 tag = upper_32_bits(hash) | 1; /* an empty slot fits no key */
	u32 now = jiffies;
	u64 old = atomic64_read(slot);

	if (upper_32_bits(old) == tag &&
	    now - lower_32_bits(old) < limiter->interval)
		return false;
	if (!dvpn_bucket_take(&limiter->bucket))
		return false;

	/* Of two CPUs with the same key one passes. */
	return atomic64_cmpxchg(slot, old, (u64)tag << 32 | now) == old;
}
