// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a fuzzing target once on every file that is named, or that is in a
 * directory that is named: the corpus as a plain test, with any compiler. Prints
 * TAP; an input that breaks the target ends the program.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long n_inputs;

static void die(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(1);
}

/* The buffer has exactly the file's size, so that overreads are seen. */
static void run_file(const char *path, size_t size)
{
	uint8_t *data = malloc(size ? size : 1);
	FILE *f = fopen(path, "rb");

	fprintf(stderr, "# %s\n", path);	/* the last one is to blame */
	if (!data || !f || fread(data, 1, size, f) != size)
		die(path);
	fclose(f);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	printf("ok %lu - %s\n", ++n_inputs, path);
}

static void run(const char *path)
{
	char inside[PATH_MAX];
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	if (stat(path, &st))
		die(path);
	if (!S_ISDIR(st.st_mode)) {
		run_file(path, st.st_size);
		return;
	}
	dir = opendir(path);
	if (!dir)
		die(path);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
		run(inside);
	}
	closedir(dir);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		run(argv[i]);
	if (!n_inputs) {
		fprintf(stderr, "usage: %s FILE-OR-DIRECTORY...; no input found\n",
			argv[0]);
		return 1;
	}
	printf("1..%lu\n", n_inputs);
	return 0;
}
