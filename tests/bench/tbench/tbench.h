/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TBENCH_H
#define TBENCH_H

#include <linux/if.h>
#include <linux/types.h>

#define TB_REPEATS_MAX	64

/**
 * struct tb_frame - a captured frame
 * @len: bytes of @data
 * @data: the frame with its Ethernet header
 */
struct tb_frame {
	u32 len;
	u8 data[];
};

/**
 * struct tb_run - what to send
 * @dev: to this interface of the caller's namespace, as if it had received it
 * @count: packets per repeat
 * @repeats: how often
 * @size: bytes of a generated frame, without its checksum
 * @headroom: bytes before each frame, as a driver leaves them
 * @window: packets between two looks whether all have arrived
 * @order_seq: peers one after the other and not at random
 * @replay: captured frames, not generated ones
 * @dst: first inner destination of generated frames
 * @src: first outer source of replayed frames, 0 as captured
 * @peers: so many addresses from there on
 * @random: state of the random sequence
 */
struct tb_run {
	char dev[IFNAMSIZ];
	u32 count;
	u32 repeats;
	u32 size;
	u32 headroom;
	u32 window;
	bool order_seq;
	bool replay;
	u32 dst;
	u32 src;
	u32 peers;
	u32 random;
};

/**
 * struct tb_result - what came of it
 * @sent: packets, all repeats
 * @seen: of those, by sinks
 * @bytes: of those
 * @ps: picoseconds per packet seen, by repeat; sorted
 * @repeats: of those
 */
struct tb_result {
	u64 sent;
	u64 seen;
	u64 bytes;
	u64 ps[TB_REPEATS_MAX];
	u32 repeats;
};

/* Process context, one at a time. Negative errno. */
int tb_generate(struct tb_run *run, struct tb_result *result);

/* The sinks' counters, all together. */
u64 tb_sink_packets(void);
u64 tb_sink_bytes(void);

/* Keep the next @n frames that reach a sink; forgets those before. */
int tb_capture_start(u32 n);
/* No more frames; returns how many there are. They stay. */
u32 tb_capture_stop(void);
const struct tb_frame *tb_captured(u32 i);

int tb_sink_init(void);
void tb_sink_exit(void);

#endif /* TBENCH_H */
