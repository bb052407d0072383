/* SPDX-License-Identifier: GPL-2.0 */
/* Log lines to stderr, with journald's priority marks if it is at the other end */
#ifndef DVPND_LOG_H
#define DVPND_LOG_H

#include <stdbool.h>
#include <syslog.h>

/**
 * log_setup() - how to log
 * @level: least important priority that is written.
 *
 * Marks ("<4>") are written if stderr is the journal's, else the time of day.
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

#define log_err(...) log_line(LOG_ERR, NULL, NULL, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARNING, NULL, NULL, __VA_ARGS__)
#define log_notice(...) log_line(LOG_NOTICE, NULL, NULL, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, NULL, NULL, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, NULL, NULL, __VA_ARGS__)

#endif /* DVPND_LOG_H */
