// MD5 of libmd, which every Debian has for dpkg.
#include <sys/types.h>
#include <md5.h>
