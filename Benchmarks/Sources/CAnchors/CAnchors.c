#define _GNU_SOURCE
#include "CAnchors.h"

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

// The executable's own malloc comes before that of the C library for everything that is linked, so these count all.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Atomic uint64_t allocations;

void *malloc(size_t size) {
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_realloc(memory, size);
}

uint64_t anchor_allocation_count(void) {
    return atomic_load_explicit(&allocations, memory_order_relaxed);
}

struct anchor_fields {
    size_t mask;
    struct {
        const char *name;
        size_t length;
        size_t slot;
    } *slots;
};

static uint64_t hash(const char *text, size_t length) {
    uint64_t value = 1469598103934665603ULL;
    for (size_t i = 0; i < length; i++) {
        value = (value ^ (unsigned char)text[i]) * 1099511628211ULL;
    }
    return value;
}

anchor_fields *anchor_fields_create(const char *const *names, size_t count) {
    size_t capacity = 16;
    while (capacity < count * 4) capacity *= 2;
    anchor_fields *fields = calloc(1, sizeof *fields);
    fields->mask = capacity - 1;
    fields->slots = calloc(capacity, sizeof *fields->slots);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(names[i]);
        size_t position = hash(names[i], length) & fields->mask;
        while (fields->slots[position].name) position = (position + 1) & fields->mask;
        fields->slots[position].name = strdup(names[i]);
        fields->slots[position].length = length;
        fields->slots[position].slot = i;
    }
    return fields;
}

void anchor_fields_free(anchor_fields *fields) {
    for (size_t i = 0; i <= fields->mask; i++) free((void *)fields->slots[i].name);
    free(fields->slots);
    free(fields);
}

size_t anchor_info_parse(const anchor_fields *fields, const char *text, size_t length, double *values) {
    const char *end = text + length;
    size_t found = 0;
    while (text < end) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        if (!line_end) line_end = end;
        const char *colon = memchr(text, ':', (size_t)(line_end - text));
        if (colon && text[0] != '#') {
            size_t name_length = (size_t)(colon - text);
            size_t position = hash(text, name_length) & fields->mask;
            while (fields->slots[position].name) {
                if (fields->slots[position].length == name_length &&
                    memcmp(fields->slots[position].name, text, name_length) == 0) {
                    values[fields->slots[position].slot] = strtod(colon + 1, NULL);
                    found++;
                    break;
                }
                position = (position + 1) & fields->mask;
            }
        }
        text = line_end + 1;
    }
    return found;
}

size_t anchor_render(
    const char *const *prefixes, const size_t *lengths, const double *values, size_t count, char *output) {
    char *cursor = output;
    for (size_t i = 0; i < count; i++) {
        memcpy(cursor, prefixes[i], lengths[i]);
        cursor += lengths[i];
        *cursor++ = ' ';
        double value = values[i];
        if (value >= 0 && value < 1e15 && value == (double)(uint64_t)value) {
            char digits[20];
            size_t length = 0;
            uint64_t rest = (uint64_t)value;
            do {
                digits[length++] = (char)('0' + rest % 10);
                rest /= 10;
            } while (rest);
            while (length) *cursor++ = digits[--length];
        } else {
            cursor += sprintf(cursor, "%.17g", value);
        }
        *cursor++ = '\n';
    }
    return (size_t)(cursor - output);
}

void *anchor_connect(const char *host, int port) {
    redisContext *context = redisConnect(host, port);
    if (context && context->err) {
        redisFree(context);
        return NULL;
    }
    return context;
}

void anchor_disconnect(void *connection) {
    redisFree(connection);
}

int anchor_pipeline(void *connection, const char *const *commands, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (redisAppendCommand(connection, commands[i]) != REDIS_OK) return -1;
    }
    for (size_t i = 0; i < count; i++) {
        void *reply = NULL;
        if (redisGetReply(connection, &reply) != REDIS_OK) return -1;
        freeReplyObject(reply);
    }
    return 0;
}

int anchor_http_connect(int port) {
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    int one = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

long anchor_http_get_metrics(int descriptor) {
    static char buffer[1 << 20];
    static const char request[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    if (send(descriptor, request, sizeof request - 1, MSG_NOSIGNAL) != (ssize_t)sizeof request - 1) return -1;
    size_t length = 0;
    while (length < sizeof buffer - 1) {
        ssize_t count = recv(descriptor, buffer + length, sizeof buffer - 1 - length, 0);
        if (count <= 0) return -1;
        length += (size_t)count;
        buffer[length] = 0;
        char *end = strstr(buffer, "\r\n\r\n");
        if (!end) continue;
        char *field = strcasestr(buffer, "\ncontent-length:");
        if (!field || field > end) return -1;
        long body = strtol(field + 16, NULL, 10);
        if (length >= (size_t)(end + 4 - buffer) + (size_t)body) return body;
    }
    return -1;
}

long anchor_http_exchange(int port, const unsigned char *request, size_t length, unsigned char *answer, size_t capacity) {
    int descriptor = anchor_http_connect(port);
    if (descriptor < 0) return -1;
    size_t sent = 0;
    while (sent < length) {
        ssize_t count = send(descriptor, request + sent, length - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += (size_t)count;
    }
    size_t received = 0;
    ssize_t count = 1;
    while (received < capacity && count > 0) {
        count = recv(descriptor, answer + received, capacity - received, 0);
        if (count > 0) received += (size_t)count;
    }
    close(descriptor);
    return count < 0 ? -1 : (long)received;
}

long anchor_resident_bytes(void) {
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return 0;
    if (fscanf(file, "%ld %ld", &total, &resident) != 2) resident = 0;
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

void anchor_fill(size_t count) {
    unsigned char *memory = malloc(count);
    memset(memory, 1, count);
    // Keeps the compiler from dropping all three.
    __asm__ volatile("" : : "r"(memory) : "memory");
    free(memory);
}
