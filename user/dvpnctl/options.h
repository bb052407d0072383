/* SPDX-License-Identifier: GPL-2.0 */
/* The command line */
#ifndef DVPNCTL_OPTIONS_H
#define DVPNCTL_OPTIONS_H

#include <stdbool.h>

#include "dvpnctl/text.h"

#define SOCKET_DEFAULT	"/run/dvpn/dvpnd.sock"

/**
 * enum exit_code - what the program returns, see dvpnctl(8)
 * @EXIT_OK: done.
 * @EXIT_REFUSED: dvpnd or the kernel refused, or output could not be written.
 * @EXIT_USAGE: the command line makes no sense.
 * @EXIT_NOT_RUNNING: dvpnd is not running.
 * @EXIT_BROKEN: no connection, or a reply that makes no sense.
 */
enum exit_code {
	EXIT_OK,
	EXIT_REFUSED,
	EXIT_USAGE,
	EXIT_NOT_RUNNING,
	EXIT_BROKEN,
};

/**
 * struct options - the command line
 * @socket: where dvpnd listens.
 * @json: machine-readable output.
 * @kernel: do not ask dvpnd.
 * @all: counters that are 0, too.
 * @diff: how the running configuration differs from the file.
 * @dry_run: do nothing, tell what would be done.
 * @confirm_s: time to confirm a reload, 0: that is not necessary.
 * @follow: what happens from now on, for "trace".
 * @what: the table to show, for "show".
 * @address: the address to explain, for "why", or to look for, for "trace".
 * @peer: NBMA address to look for, for "trace".
 * @clear: kind of what to clear, for "clear".
 * @name: its name.
 * @tunnel: only this tunnel; NULL: all.
 */
struct options {
	const char *socket;
	bool json;
	bool kernel;
	bool all;
	bool diff;
	bool dry_run;
	unsigned int confirm_s;
	bool follow;
	const char *what;
	const char *address;
	const char *peer;
	const char *clear;
	const char *name;
	const char *tunnel;
};

/* What --help prints. */
extern const char usage_text[];

/* Complain about the command line. Return: EXIT_USAGE. */
int usage_error(const char *fmt, ...) TEXT_PRINTF(1, 2);

/**
 * not_known() - complain about a word
 * @kind: what it should be: "command", "table", "option".
 * @word: the word.
 * @candidates: what there is, NULL at the end; one that is near is suggested.
 *
 * Return: EXIT_USAGE.
 */
int not_known(const char *kind, const char *word,
	      const char *const *candidates);

/**
 * end_of_output() - write what is buffered
 * @code: exit code if that works.
 *
 * If nobody reads on (head, a pager that was left) that is a good end, a full disk is
 * not.
 *
 * Return: the exit code.
 */
int end_of_output(enum exit_code code);

/*
 * These read parts of the command line. All return -1 to go on, else the exit code: of
 * an error that they have told, or of --help, which has been printed.
 */

/* The options; @argv is sorted so that the words come last, from optind on. */
int parse_options(int argc, char **argv, struct options *options);
/* An address; @before: the word before it. */
int parse_address(const char *before, const char *word, const char **address);
/* The name of a tunnel. */
int parse_tunnel(const char *word, struct options *options);
/* clear WHAT NAME [TUNNEL]; @words begin with "clear". */
int parse_clear(char **words, struct options *options);
/* trace [TUNNEL] [peer NBMA] [address ADDRESS], in any order; @words begin with "trace". */
int parse_trace(char **words, struct options *options);

#endif /* DVPNCTL_OPTIONS_H */
