/* SPDX-License-Identifier: GPL-2.0 */
/* Log lines with fields, in the journal's own protocol */
#ifndef DVPND_JOURNAL_H
#define DVPND_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#define JOURNAL_SOCKET		"/run/systemd/journal/socket"
#define JOURNAL_FIELDS_MAX	16

/**
 * struct journal_field - a field of an entry
 * @name: upper case letters, digits and underscores.
 * @value: without newline; NULL: the field is left out.
 */
struct journal_field {
	const char *name;
	const char *value;
};

/**
 * journal_open() - connect to the journal
 * @path: its socket.
 *
 * Return: whether journal_send() has somebody to send to; so it stays after the
 * first success.
 */
bool journal_open(const char *path);

/**
 * journal_send() - write an entry
 * @fields: what it says.
 * @n: number of @fields, JOURNAL_FIELDS_MAX at most.
 *
 * Never waits: a journal that does not read gets nothing.
 *
 * Return: 0 or a negative errno; -ENOTCONN before journal_open().
 */
int journal_send(const struct journal_field *fields, size_t n);

#endif /* DVPND_JOURNAL_H */
