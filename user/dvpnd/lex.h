/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words of a config file
 *
 * A parser of our own and not libconfuse: that one (3.3) counts a line with a
 * comment up to three times, reports only the first error and can be made to
 * overflow the stack by nested unknown sections.
 */
#ifndef DVPND_LEX_H
#define DVPND_LEX_H

#include <stddef.h>

#define LEX_WORD_MAX	256	/* bytes of a word, its NUL included */

/**
 * enum lex_token - kinds of words
 * @LEX_EOF: the end.
 * @LEX_NEWLINE: end of a line, or ";", which is the same.
 * @LEX_WORD: bare or quoted word, in &struct lexer.word.
 * @LEX_OPEN: "{".
 * @LEX_CLOSE: "}".
 * @LEX_EQUAL: "=".
 * @LEX_BAD: none of these; &struct lexer.error says why.
 */
enum lex_token {
	LEX_EOF,
	LEX_NEWLINE,
	LEX_WORD,
	LEX_OPEN,
	LEX_CLOSE,
	LEX_EQUAL,
	LEX_BAD,
};

/**
 * struct lexer - where we are in a text
 * @pos: next byte.
 * @end: behind the last byte.
 * @line: number of the line of the current token, from 1.
 * @next_line: number of the line of the next token.
 * @token: current token.
 * @quoted: the current word was in quotes.
 * @word: text of the current LEX_WORD.
 * @error: constant text about the current LEX_BAD.
 */
struct lexer {
	const char *pos;
	const char *end;
	unsigned int line;
	unsigned int next_line;
	enum lex_token token;
	int quoted;
	char word[LEX_WORD_MAX];
	const char *error;
};

/**
 * lex_begin() - start to read a text
 * @lex: lexer.
 * @text: need not end with NUL, must stay while @lex is in use.
 * @len: its length.
 *
 * The first token is current then.
 */
void lex_begin(struct lexer *lex, const char *text, size_t len);

/**
 * lex_next() - go to the next token
 * @lex: lexer.
 *
 * Return: its kind, as in @lex->token.
 */
enum lex_token lex_next(struct lexer *lex);

#endif /* DVPND_LEX_H */
