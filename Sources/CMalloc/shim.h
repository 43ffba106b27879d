// What the allocator of the C library can do beyond the standard; Swift's Glibc module leaves it out.
#pragma once

#include <malloc.h>
