/* SPDX-License-Identifier: GPL-2.0 */
/* Configurations of dvpnd in tests, as texts. */
#ifndef CONFIG_TEXT_H
#define CONFIG_TEXT_H

#include "dvpnd/config.h"

/* What a tunnel of a spoke needs, one line. */
#define HUB "hub h { nbma = 192.0.2.1 }\n"

/* As a file "f". Return: NULL if there are errors. */
struct config *parse(const char *text, struct config_errors *errors);
/* One without errors. */
struct config *parse_ok(const char *text);
/* The errors, each line ended by a newline, and frees them. */
void join_errors(struct config_errors *errors, char *text, size_t size);

#endif
