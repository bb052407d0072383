// SPDX-License-Identifier: GPL-2.0
/* Reads tests/vectors: comments with #, octets in hex, "field = value". */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nhrp_samples.h"

#define VECTORS	"tests/vectors/*.hex"

static void bad_line(const char *path, const char *line)
{
	fprintf(stderr, "%s: cannot read line: %s", path, line);
	abort();
}

static void read_octets(struct nhrp_vector *v, const char *path, char *line)
{
	char *p = line, *end;
	unsigned long octet;

	while (*p && *p != '\n') {
		octet = strtoul(p, &end, 16);
		if (end == p || octet > 0xff || v->len == sizeof(v->pkt))
			bad_line(path, line);
		v->pkt[v->len++] = octet;
		p = end;
	}
}

static void read_value(struct nhrp_vector *v, const char *path, char *line,
		       char *equals)
{
	char *value = equals + 3;
	int i;

	*equals = '\0';
	value[strcspn(value, "\n")] = '\0';
	i = nhrp_field_index(line);
	if (i < 0)
		bad_line(path, line);
	snprintf(v->fields.v[i], sizeof(v->fields.v[i]), "%s", value);
}

static void read_vector(struct nhrp_vector *v, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[2 * NHRP_FIELD_LEN];
	char *equals;

	if (!f) {
		perror(path);
		abort();
	}
	memset(v, 0, sizeof(*v));
	snprintf(v->name, sizeof(v->name), "%s", strrchr(path, '/') + 1);
	while (fgets(line, sizeof(line), f)) {
		equals = strstr(line, " = ");
		if (line[0] == '#')
			continue;
		if (equals)
			read_value(v, path, line, equals);
		else
			read_octets(v, path, line);
	}
	fclose(f);
}

int nhrp_vectors_load(struct nhrp_vector v[NHRP_MAX_VECTORS])
{
	glob_t g;
	size_t i, n;

	if (glob(VECTORS, 0, NULL, &g) || g.gl_pathc > NHRP_MAX_VECTORS) {
		fprintf(stderr, "%s: none, or too many; run in the top directory\n",
			VECTORS);
		abort();
	}
	n = g.gl_pathc;
	for (i = 0; i < n; i++)
		read_vector(&v[i], g.gl_pathv[i]);
	globfree(&g);
	return n;
}
