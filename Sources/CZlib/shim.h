// zlib for Swift. What its header declares as macros, Swift reaches through the functions behind them.
#ifndef REDSTART_CZLIB_SHIM_H
#define REDSTART_CZLIB_SHIM_H

#include <zlib.h>

#endif
