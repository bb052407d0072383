/* SPDX-License-Identifier: GPL-2.0 */
/* The plugin's parts. */
#ifndef DVPN_LINK_DVPN_H
#define DVPN_LINK_DVPN_H

#include "iproute2/iproute2.h"

/* options.c: words to attributes. Return: 0, or -1 after saying what is wrong. */
int dvpn_parse_options(struct link_util *lu, int argc, char **argv, struct nlmsghdr *n);
void dvpn_print_help(struct link_util *lu, int argc, char **argv, FILE *f);

/* show.c: attributes to words. */
void dvpn_print_options(struct link_util *lu, FILE *f, struct rtattr *tb[]);
void dvpn_print_drops(struct link_util *lu, FILE *f, struct rtattr *xstats);

/* "ip link xstats type dvpn [ dev NAME ]": the words, then each device. */
int dvpn_parse_xstats(struct link_util *lu, int argc, char **argv);
int dvpn_print_xstats(struct nlmsghdr *n, void *arg);

#endif /* DVPN_LINK_DVPN_H */
