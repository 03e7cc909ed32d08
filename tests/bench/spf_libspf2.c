/*
 * spf_libspf2 cached|live COUNT
 *
 * The same policy evaluated by libspf2: over its own DNS cache, always the
 * same domain; or over libresolv, a new domain each time.  It asks the server
 * of /etc/resolv.conf, one question after another.
 */
#include <netinet/in.h>
/* in this order */
#include <arpa/nameser.h>
/* in this order */
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spf2/spf.h>

#include "tests/bench/spf_zone.h"

static SPF_result_t evaluate(SPF_server_t *server, int number)
{
	SPF_request_t *request = SPF_request_new(server);
	SPF_response_t *response = NULL;
	SPF_result_t result = SPF_RESULT_INVALID;
	char name[64], from[80];

	spf_bench_name(name, sizeof(name), 0, number);
	snprintf(from, sizeof(from), "user@%s", name);
	SPF_request_set_ipv4_str(request, SPF_BENCH_ADDRESS);
	SPF_request_set_helo_dom(request, "probe.example");
	SPF_request_set_env_from(request, from);
	SPF_request_query_mailfrom(request, &response);
	if (response)
		result = SPF_response_result(response);
	SPF_response_free(response);
	SPF_request_free(request);
	return result;
}

int main(int argc, char **argv)
{
	int is_live = argc == 3 && strcmp(argv[1], "live") == 0;
	int count = argc == 3 ? atoi(argv[2]) : 0;
	int passed = 0;
	SPF_server_t *server;

	if (argc != 3 || (!is_live && strcmp(argv[1], "cached") != 0))
		return 2;
	server = SPF_server_new(is_live ? SPF_DNS_RESOLV : SPF_DNS_CACHE, 0);
	for (int i = 0; i < count; i++)
		passed += evaluate(server, is_live ? i + 1 : 1) ==
			  SPF_RESULT_PASS;
	SPF_server_free(server);
	return passed == count ? 0 : 1;
}
