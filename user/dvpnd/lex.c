// SPDX-License-Identifier: GPL-2.0
/* Words of a config file: see lex.h */
#include <string.h>

#include "lex.h"

static enum lex_token bad(struct lexer *lex, const char *why)
{
	lex->error = why;
	return LEX_BAD;
}

static void skip_blank(struct lexer *lex)
{
	while (lex->pos < lex->end && (*lex->pos == ' ' || *lex->pos == '\t' || *lex->pos == '\r'))
		lex->pos++;
	if (lex->pos < lex->end && *lex->pos == '#')
		while (lex->pos < lex->end && *lex->pos != '\n')
			lex->pos++;
}

/* Printable ASCII is all that an option can hold. */
static int is_bare(signed char c)
{
	return c > ' ' && c < 0x7f && !strchr("{}=;#\"", c);
}

static enum lex_token bare_word(struct lexer *lex)
{
	size_t len = 0;

	while (lex->pos < lex->end && is_bare(*lex->pos)) {
		if (len < LEX_WORD_MAX)
			lex->word[len++] = *lex->pos;
		lex->pos++;
	}
	if (len == LEX_WORD_MAX)
		return bad(lex, "a word is too long");
	lex->word[len] = 0;
	return LEX_WORD;
}

static enum lex_token quoted_word(struct lexer *lex)
{
	size_t len = 0;

	lex->quoted = 1;
	lex->pos++;
	while (lex->pos < lex->end && *lex->pos != '\n') {
		signed char c = *lex->pos++;

		if (c == '"') {
			if (len == LEX_WORD_MAX)
				return bad(lex, "a string is too long");
			lex->word[len] = 0;
			return LEX_WORD;
		}
		if (c == '\\' && lex->pos < lex->end && *lex->pos != '\n')
			c = *lex->pos++;
		if (c < ' ' || c >= 0x7f)
			return bad(lex, "a byte in a string is no printable ASCII character");
		if (len < LEX_WORD_MAX)
			lex->word[len++] = c;
	}
	return bad(lex, "a string is not closed in its line, \" is missing");
}

static enum lex_token scan(struct lexer *lex)
{
	skip_blank(lex);
	lex->line = lex->next_line;
	lex->quoted = 0;
	lex->word[0] = 0;
	if (lex->pos == lex->end)
		return LEX_EOF;
	switch (*lex->pos) {
	case '\n':
		lex->next_line++;
		lex->pos++;
		return LEX_NEWLINE;
	case ';':
		lex->pos++;
		return LEX_NEWLINE;
	case '{':
		lex->pos++;
		return LEX_OPEN;
	case '}':
		lex->pos++;
		return LEX_CLOSE;
	case '=':
		lex->pos++;
		return LEX_EQUAL;
	case '"':
		return quoted_word(lex);
	}
	if (is_bare(*lex->pos))
		return bare_word(lex);
	lex->pos++;
	return bad(lex, "a byte that is no printable ASCII character");
}

enum lex_token lex_next(struct lexer *lex)
{
	lex->token = scan(lex);
	return lex->token;
}

void lex_begin(struct lexer *lex, const char *text, size_t len)
{
	memset(lex, 0, sizeof(*lex));
	lex->pos = text;
	lex->end = text + len;
	lex->next_line = 1;
	lex_next(lex);
}
