/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Replies of dvpnd as tables for people
 *
 * All functions take JSON as Documentation/control.rst describes it, whoever
 * made it. Members that are absent or of another type than they should be are
 * shown as "-"; nothing of a reply is trusted.
 */
#ifndef DVPNCTL_VIEW_H
#define DVPNCTL_VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

struct view;

/**
 * view_find() - how to show a table
 * @what: "maps", "peers", "groups", "nhs", "shortcuts", or a part of the reply to
 *	Why: "fib", "kernel", "agent".
 *
 * Return: the view, or NULL if there is none of that name.
 */
const struct view *view_find(const char *what);

/**
 * view_print() - write a table
 * @view: how.
 * @entries: array of entries; sorted here by tunnel and address.
 * @out: where to.
 */
void view_print(const struct view *view, json_t *entries, FILE *out);

/**
 * view_print_status() - write the reply to Status
 * @status: parameters of the reply.
 * @out: where to.
 */
void view_print_status(json_t *status, FILE *out);

/**
 * view_print_counters() - write the reply to ShowCounters
 * @tunnels: its array "tunnels".
 * @all: those that are 0, too.
 * @out: where to.
 *
 * Drop counters come with a few words on what they mean.
 */
void view_print_counters(json_t *tunnels, bool all, FILE *out);

/**
 * view_print_leave() - write the reply to Leave
 * @tunnels: its array "tunnels".
 * @out: where to.
 */
void view_print_leave(json_t *tunnels, FILE *out);

/**
 * view_print_reload() - write the reply to Reload
 * @reply: parameters of the reply.
 * @out: where to.
 */
void view_print_reload(json_t *reply, FILE *out);

/**
 * view_print_config() - write the text in the reply to RunningConfig
 * @reply: parameters of the reply.
 * @out: where to.
 */
void view_print_config(json_t *reply, FILE *out);

/**
 * view_print_differences() - write the differences in a reply, one line each
 * @reply: parameters of the reply.
 * @out: where to.
 *
 * As "TUNNEL: PATH: FROM -> TO (COST)", with "-" for what has no value.
 */
void view_print_differences(json_t *reply, FILE *out);

/**
 * view_write_prefix() - write the address or prefix of an entry
 * @text: where to, as it was sent: not safe to print.
 * @size: bytes at @text.
 * @entry: object.
 * @member: its address; "prefix_length" is beside it.
 *
 * As "192.168.111.1" or "192.168.40.0/24".
 */
void view_write_prefix(char *text, size_t size, json_t *entry,
		       const char *member);

/**
 * view_write_peer() - write a peer key
 * @text: where to, as it was sent: not safe to print.
 * @size: bytes at @text.
 * @peer: the key.
 *
 * As "192.168.50.2" or "udp [2001:db8::1]:4754 mark 0x1 if_id 7".
 */
void view_write_peer(char *text, size_t size, json_t *peer);

#endif /* DVPNCTL_VIEW_H */
