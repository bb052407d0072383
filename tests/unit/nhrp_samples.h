/* SPDX-License-Identifier: GPL-2.0 */
/* NHRP packets for tests: messages that we build, and captured ones. */
#ifndef TESTS_NHRP_SAMPLES_H
#define TESTS_NHRP_SAMPLES_H

#include "nhrp/packet.h"
#include "nhrp_fields.h"

/**
 * struct nhrp_sample - a message of ours
 * @name: for messages of the test
 * @odd: legal but not what we ever send; decoders complain about it
 * @build: makes the message
 */
struct nhrp_sample {
	const char *name;
	bool odd;
	void (*build)(struct nhrp_msg *msg);
};

/* Every message type, both families on both sides; ends with a NULL name. */
extern const struct nhrp_sample nhrp_samples[];

/* The sample with this name; aborts if there is none. */
void nhrp_sample_build(const char *name, struct nhrp_msg *msg);

#define NHRP_MAX_VECTORS	32

/**
 * struct nhrp_vector - a captured packet from tests/vectors
 * @name: file name
 * @pkt: the octets
 * @len: how many
 * @fields: the values that the file states, empty where it states none
 */
struct nhrp_vector {
	char name[64];
	u8 pkt[NHRP_PKT_MAX];
	size_t len;
	struct nhrp_fields fields;
};

/* Reads all vectors, sorted by name; returns how many, aborts on a bad file. */
int nhrp_vectors_load(struct nhrp_vector v[NHRP_MAX_VECTORS]);

#endif
