#pragma once
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
#include <stdbool.h>
#include <stddef.h>

/// What the reader found, one call an element in the order of arrival. A callback that returns false refuses the
/// element, and the reader then fails.
///
/// This hides that hiredis 0.14 hands the length of an array over as `int` and 1.x as `size_t`, that 1.x knows the types
/// of RESP3, and that it nests without limit: `depth` is 1 for an array that is a whole reply.
typedef struct redstart_reply_events {
    void *owner;
    bool (*text)(void *owner, int type, const char *bytes, size_t length);
    bool (*integer)(void *owner, long long value);
    bool (*null)(void *owner);
    bool (*array)(void *owner, long long count, long long depth);
} redstart_reply_events;

static inline void *redstart_result(bool accepted) {
    return accepted ? (void *)1 : NULL;
}

static inline redstart_reply_events *redstart_events(const redisReadTask *task) {
    return (redstart_reply_events *)task->privdata;
}

static void *redstart_create_string(const redisReadTask *task, char *bytes, size_t length) {
    redstart_reply_events *events = redstart_events(task);
    return redstart_result(events->text(events->owner, task->type, bytes, length));
}

static void *redstart_create_integer(const redisReadTask *task, long long value) {
    redstart_reply_events *events = redstart_events(task);
    return redstart_result(events->integer(events->owner, value));
}

static void *redstart_create_nil(const redisReadTask *task) {
    redstart_reply_events *events = redstart_events(task);
    return redstart_result(events->null(events->owner));
}

static inline void *redstart_array(const redisReadTask *task, long long count) {
    redstart_reply_events *events = redstart_events(task);
    long long depth = 1;
    for (const redisReadTask *parent = task->parent; parent != NULL; parent = parent->parent) {
        depth++;
    }
    return redstart_result(events->array(events->owner, count, depth));
}

static void redstart_free_object(void *object) {
    (void)object;
}

#if HIREDIS_MAJOR >= 1
static void *redstart_create_array(const redisReadTask *task, size_t count) {
    return redstart_array(task, (long long)count);
}

static void *redstart_create_double(const redisReadTask *task, double value, char *text, size_t length) {
    (void)value;
    return redstart_create_string(task, text, length);
}

static void *redstart_create_bool(const redisReadTask *task, int value) {
    return redstart_create_integer(task, value);
}
#else
static void *redstart_create_array(const redisReadTask *task, int count) {
    return redstart_array(task, count);
}
#endif

/// A reader that reports to `events`, which must outlive it. NULL when memory is out.
static inline redisReader *redstart_reader_create(redstart_reply_events *events) {
    static redisReplyObjectFunctions functions = {
        .createString = redstart_create_string,
        .createArray = redstart_create_array,
        .createInteger = redstart_create_integer,
        .createNil = redstart_create_nil,
        .freeObject = redstart_free_object,
#if HIREDIS_MAJOR >= 1
        .createDouble = redstart_create_double,
        .createBool = redstart_create_bool,
#endif
    };
    redisReader *reader = redisReaderCreateWithFunctions(&functions);
    if (reader != NULL) {
        reader->privdata = events;
    }
    return reader;
}

/// The element that is incomplete: its type, 0 when not even that has arrived, and what has arrived of it after the
/// type byte.
typedef struct redstart_pending {
    int type;
    const char *bytes;
    size_t length;
} redstart_pending;

static inline redstart_pending redstart_reader_pending(const redisReader *reader) {
    redstart_pending pending = {0, NULL, 0};
    if (reader->ridx < 0 || reader->buf == NULL || reader->pos > reader->len) {
        return pending;
    }
#if HIREDIS_MAJOR >= 1
    const redisReadTask *task = reader->task[reader->ridx];
#else
    const redisReadTask *task = &reader->rstack[reader->ridx];
#endif
    if (task->type > 0) {
        pending.type = task->type;
        pending.bytes = reader->buf + reader->pos;
        pending.length = reader->len - reader->pos;
    }
    return pending;
}

/// The bytes that were fed and are not yet part of an element.
static inline size_t redstart_reader_unread(const redisReader *reader) {
    return reader->len > reader->pos ? reader->len - reader->pos : 0;
}

/// What the reader says is wrong; valid until it is freed.
static inline const char *redstart_reader_error(const redisReader *reader) {
    return reader->errstr;
}
