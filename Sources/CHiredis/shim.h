#pragma once
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
#include <stdbool.h>
#include <stddef.h>

/// What the reader found, one call an element in the order of arrival. A callback that returns false refuses the
/// element, and the reader then fails.
///
/// This hides that hiredis 0.14 hands the length of an array over as `int` and 1.x as `size_t`, and that 1.x knows the
/// types of RESP3.
typedef struct redstart_reply_events {
    void *owner;
    bool (*text)(void *owner, int type, const char *bytes, size_t length);
    bool (*integer)(void *owner, long long value);
    bool (*null)(void *owner);
    bool (*array)(void *owner, long long count);
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

static void redstart_free_object(void *object) {
    (void)object;
}

#if HIREDIS_MAJOR >= 1
static void *redstart_create_array(const redisReadTask *task, size_t count) {
    redstart_reply_events *events = redstart_events(task);
    return redstart_result(events->array(events->owner, (long long)count));
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
    redstart_reply_events *events = redstart_events(task);
    return redstart_result(events->array(events->owner, count));
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
