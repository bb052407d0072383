/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DVPNMAP_H
#define DVPNMAP_H

#include "lib/dvpn.h"

/**
 * struct opts - the words behind a command
 * @map: what they say of a mapping
 * @peer: what they say of a peer
 * @match: conditions
 * @replace: the word "replace" was there
 * @classes: agent classes, default both
 * @rcvbuf: bytes of the agent's receive buffer, 0: as the library wants it
 * @local: source of a frame
 */
struct opts {
	struct dvpn_map map;
	struct dvpn_peer peer;
	struct dvpn_match match;
	bool replace;
	u32 classes;
	int rcvbuf;
	struct dvpn_addr local;
};

void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
u64 parse_number(const char *word);
void parse_addr(const char *word, struct dvpn_addr *addr);
/* "ADDR[/LEN]" into has, proto and prefixlen; "id" means that @more is the id. */
void parse_proto(const char *word, struct dvpn_map *map);
/* The words up to NULL. Ends the program if one is not understood. */
void parse_opts(struct opts *opts, char **words);
unsigned int parse_hex(const char *hex, u8 *bytes, unsigned int size);

void show_map(const char *what, const struct dvpn_map *map);
void show_peer(const char *what, const struct dvpn_peer *peer);
void show_group(const struct dvpn_group *group);
void show_dev(const struct dvpn_dev *dev);
void show_frame(const struct dvpn_frame *frame);
void show_event(const struct dvpn_event_msg *event);

#endif /* DVPNMAP_H */
