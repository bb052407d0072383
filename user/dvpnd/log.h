/* SPDX-License-Identifier: GPL-2.0 */
/* Log lines to stderr, or to the journal with fields if that is at the other end */
#ifndef DVPND_LOG_H
#define DVPND_LOG_H

#include <stdbool.h>
#include <syslog.h>

/**
 * log_setup() - how to log
 * @level: least important priority that is written.
 *
 * If stderr is the journal's, lines go to it as entries with fields or, if that cannot
 * be, with marks ("<4>"); else with the time of day.
 */
void log_setup(int level);

/**
 * log_line() - write a line
 * @level: syslog priority.
 * @tunnel: name of the tunnel it is about, or NULL.
 * @id: stable id of what happened, a constant string, or NULL.
 * @fmt: text, without newline.
 *
 * Lines with the same id are limited to 5 a second after a burst of 50; how many
 * were held back is told by the next line that passes.
 */
void log_line(int level, const char *tunnel, const char *id, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * struct log_about - what a line is about, for who reads it by program
 * @address: protocol address or prefix.
 * @nbma: public address.
 * @reason: name of the counter that it was counted in.
 *
 * Each may be NULL or empty.
 */
struct log_about {
	const char *address;
	const char *nbma;
	const char *reason;
};

/**
 * log_event() - write a line that is about somebody
 * @level: as for log_line().
 * @tunnel: likewise.
 * @id: likewise.
 * @about: what it is about.
 * @fmt: text, without newline.
 */
void log_event(int level, const char *tunnel, const char *id, const struct log_about *about,
	       const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#define log_err(...) log_line(LOG_ERR, NULL, NULL, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARNING, NULL, NULL, __VA_ARGS__)
#define log_notice(...) log_line(LOG_NOTICE, NULL, NULL, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, NULL, NULL, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, NULL, NULL, __VA_ARGS__)

#endif /* DVPND_LOG_H */
