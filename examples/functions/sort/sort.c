// SPDX-License-Identifier: MIT
// A WASI command: the lines of stdin in the order of their bytes, sorted in little memory with scratch files.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// Longer lines are split.
#define LINE_BYTES 1024
#define RUN_LINES 256
#define MAX_RUNS 512

static char lines[RUN_LINES][LINE_BYTES];

static void fail(const char *what) {
  perror(what);
  exit(2);
}

static int compare(const void *one, const void *other) { return strcmp(one, other); }

static const char *run_path(int run) {
  static char path[32];
  snprintf(path, sizeof path, "runs/%d", run);
  return path;
}

// Lines up to a full run, each with a newline at its end. Returns their number.
static int read_run(void) {
  int count = 0;
  while (count < RUN_LINES && fgets(lines[count], LINE_BYTES - 1, stdin) != NULL) {
    size_t length = strlen(lines[count]);
    if (length > 0 && lines[count][length - 1] != '\n') strcpy(lines[count] + length, "\n");
    count++;
  }
  return count;
}

static void write_run(int run, int count) {
  FILE *file = fopen(run_path(run), "w");
  if (file == NULL) fail(run_path(run));
  for (int i = 0; i < count; i++) fputs(lines[i], file);
  if (fclose(file) != 0) fail(run_path(run));
}

// Always the least of the lines that the runs stand at.
static void merge(int runs) {
  static FILE *files[MAX_RUNS];
  static char heads[MAX_RUNS][LINE_BYTES];
  for (int run = 0; run < runs; run++) {
    files[run] = fopen(run_path(run), "r");
    if (files[run] == NULL || fgets(heads[run], LINE_BYTES, files[run]) == NULL) fail(run_path(run));
  }
  for (;;) {
    int least = -1;
    for (int run = 0; run < runs; run++) {
      if (files[run] != NULL && (least < 0 || strcmp(heads[run], heads[least]) < 0)) least = run;
    }
    if (least < 0) return;
    fputs(heads[least], stdout);
    if (fgets(heads[least], LINE_BYTES, files[least]) != NULL) continue;
    fclose(files[least]);
    files[least] = NULL;
    if (remove(run_path(least)) != 0) fail(run_path(least));
  }
}

int main(void) {
  if (mkdir("runs", 0700) != 0) fail("runs");
  int runs = 0;
  for (int count; (count = read_run()) > 0; runs++) {
    if (runs == MAX_RUNS) {
      fputs("sort: too many lines\n", stderr);
      return 2;
    }
    qsort(lines, count, LINE_BYTES, compare);
    write_run(runs, count);
  }
  merge(runs);
  return 0;
}
