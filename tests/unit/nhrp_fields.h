/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An NHRP message as the list of values that tshark prints for it, so that two
 * independent decoders can be held against each other.
 */
#ifndef TESTS_NHRP_FIELDS_H
#define TESTS_NHRP_FIELDS_H

#include "nhrp/packet.h"

#define NHRP_N_FIELDS	38
#define NHRP_FIELD_LEN	1024

/* tshark's names of the fields. */
extern const char * const nhrp_field_names[NHRP_N_FIELDS];

/**
 * struct nhrp_fields - values by field, in the order of nhrp_field_names
 * @v: all occurrences in the order of the wire, with commas between
 */
struct nhrp_fields {
	char v[NHRP_N_FIELDS][NHRP_FIELD_LEN];
};

/* What we read from a packet; pkt gives what a message does not keep. */
void nhrp_fields_of(const struct nhrp_msg *msg, const u8 *pkt,
		    struct nhrp_fields *f);

/* Index of a field by tshark's name, -1 if it is not one of ours. */
int nhrp_field_index(const char *name);

#endif
