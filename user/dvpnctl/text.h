/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a person reads: safe strings, durations, and tables whose columns align
 */
#ifndef DVPNCTL_TEXT_H
#define DVPNCTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Lets the compiler check arguments against a format. */
#define TEXT_PRINTF(fmt, args)	__attribute__((format(printf, fmt, args)))

/* Most bytes of one cell, so that one hostile string cannot fill the screen. */
#define TEXT_CELL_MAX	256

/* Enough for what text_duration() writes. */
#define TEXT_DURATION_MAX	32

/**
 * struct text_column - one column of a table
 * @head: heading.
 * @right: align to the right, for numbers and times.
 */
struct text_column {
	const char *head;
	bool right;
};

struct text_table;

/**
 * text_safe() - copy a string so that a terminal cannot be driven by it
 * @dst: where to; always terminated.
 * @size: bytes at @dst, at least 1.
 * @src: where from, UTF-8 as JSON gave it.
 *
 * Control characters and bytes above 0x7e become "\xNN"; what does not fit is
 * cut. Names and reasons are ASCII, so nothing of worth is lost.
 */
void text_safe(char *dst, size_t size, const char *src);

/**
 * text_duration() - write a time span for a person
 * @dst: where to, TEXT_DURATION_MAX bytes.
 * @ms: milliseconds.
 *
 * Two units at most: "0.3s", "41s", "7m05s", "2h10m", "3d04h".
 *
 * Return: @dst.
 */
char *text_duration(char *dst, uint64_t ms);

/**
 * text_table_new() - start a table
 * @columns: its columns; must outlive the table.
 * @n: how many.
 *
 * Return: the table; the program ends if there is no memory.
 */
struct text_table *text_table_new(const struct text_column *columns, size_t n);

/**
 * text_table_add() - add the next cell, row by row
 * @table: the table.
 * @fmt: printf format; the result is made safe with text_safe(). An empty
 *	result is shown as "-".
 */
void text_table_add(struct text_table *table, const char *fmt, ...)
	TEXT_PRINTF(2, 3);

/**
 * text_table_empty() - has a table no row?
 * @table: the table.
 */
bool text_table_empty(const struct text_table *table);

/**
 * text_table_print() - write headings and rows
 * @table: the table.
 * @out: where to.
 *
 * Columns in which no row has anything to show are left out.
 */
void text_table_print(const struct text_table *table, FILE *out);

/**
 * text_table_free() - end a table
 * @table: the table, or NULL.
 */
void text_table_free(struct text_table *table);

/**
 * text_suggest() - find the word that was probably meant
 * @word: what was typed.
 * @candidates: known words, NULL at the end.
 *
 * Return: the nearest candidate, or NULL if none is near.
 */
const char *text_suggest(const char *word, const char *const *candidates);

#endif /* DVPNCTL_TEXT_H */
