// zlib for Swift: deflateInit2 is a macro, which the importer does not see.
#ifndef REDSTART_CZLIB_SHIM_H
#define REDSTART_CZLIB_SHIM_H

#include <zlib.h>

static inline int redstart_deflate_init(z_stream *stream, int level, int window_bits, int memory_level) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY);
}

#endif
