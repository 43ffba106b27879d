#include "CRE2.h"
#include <re2/re2.h>
int cre2_placeholder(void) { return 0; }
