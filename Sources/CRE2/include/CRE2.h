// RE2 for Swift: the few calls PromQL needs, as plain C.
// A compiled expression may be used by any number of threads at once.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_regex cre2_regex;

// Compiles a pattern in which a dot matches a newline too. Returns NULL where it is refused, and then writes a text that ends with NUL to `error`.
cre2_regex *cre2_compile(const char *pattern, size_t length, int64_t maximum_memory, char *error, size_t error_capacity);

// Gives the memory back. NULL is allowed.
void cre2_free(cre2_regex *regex);

// Whether the whole text matches.
int cre2_full_match(const cre2_regex *regex, const char *text, size_t length);

// The number of capturing groups, without the whole match.
int cre2_group_count(const cre2_regex *regex);

// The index of a named group, or -1.
int cre2_group_index(const cre2_regex *regex, const char *name, size_t length);

// Whether the whole text matches; writes start and end of each of the first `group_count` groups (0 is the whole
// match), -1 for a group that took no part.
int cre2_match_groups(const cre2_regex *regex, const char *text, size_t length, int64_t *offsets, int group_count);

#ifdef __cplusplus
}
#endif
