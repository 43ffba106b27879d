#pragma once
#include <stddef.h>
#include <stdint.h>

/// What the benchmarks are held against: the same work in C.

/// The number of calls of malloc, calloc and realloc of this process so far.
uint64_t anchor_allocation_count(void);

/// A table from INFO field names to slots, by open addressing.
typedef struct anchor_fields anchor_fields;
anchor_fields *anchor_fields_create(const char *const *names, size_t count);
void anchor_fields_free(anchor_fields *fields);

/// Scans an INFO text line by line and writes the number of each known field to its slot. Returns how many it found.
size_t anchor_info_parse(const anchor_fields *fields, const char *text, size_t length, double *values);

/// Writes `prefix value\n` for each value: memcpy of the prefix and a hand-written number. Returns the length.
size_t anchor_render(
    const char *const *prefixes, const size_t *lengths, const double *values, size_t count, char *output);

/// A blocking connection; NULL when it cannot be made.
void *anchor_connect(const char *host, int port);
void anchor_disconnect(void *connection);

/// Sends all commands (whitespace-separated words) as one pipeline and reads all replies. Returns 0 when all came.
int anchor_pipeline(void *connection, const char *const *commands, size_t count);

/// Opens a TCP connection to 127.0.0.1; -1 when nobody listens.
int anchor_http_connect(int port);

/// Sends `GET /metrics` over a kept connection and reads the whole answer. Returns its body's length, or -1.
long anchor_http_get_metrics(int descriptor);

/// Sends a whole HTTP/1.0 request to 127.0.0.1 and reads until the other side closes. Returns the number of bytes, at
/// most `capacity`, or -1.
long anchor_http_exchange(int port, const unsigned char *request, size_t length, unsigned char *answer, size_t capacity);

/// The resident memory of this process in bytes.
long anchor_resident_bytes(void);

/// Allocates, fills and frees so many bytes.
void anchor_fill(size_t count);
