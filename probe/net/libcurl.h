#ifndef MXP_LIBCURL_H
#define MXP_LIBCURL_H

#include <curl/curl.h>
#include <stdbool.h>

/*
 * libcurl brings thirty libraries along and makes a program start three times
 * as slowly, and most runs never fetch anything.  So it is loaded when it is
 * first needed, and called through here.  Each member has the type of the
 * function that curl/curl.h declares.
 */
#define LIBCURL_FUNCTIONS(row)                                                 \
	row(global_init) row(global_cleanup) row(easy_init) row(easy_setopt)   \
	row(easy_getinfo) row(easy_strerror) row(easy_cleanup)                 \
	row(slist_append) row(slist_free_all) row(multi_init)                  \
	row(multi_setopt) row(multi_add_handle) row(multi_remove_handle)       \
	row(multi_socket_action) row(multi_info_read) row(multi_assign)        \
	row(multi_cleanup)

struct libcurl {
#define LIBCURL_MEMBER(name) __typeof__(&curl_##name) name;
	LIBCURL_FUNCTIONS(LIBCURL_MEMBER)
#undef LIBCURL_MEMBER
};

/* False: this machine has none that is good enough.  Stays loaded. */
bool libcurl_load(struct libcurl *libcurl);

#endif
