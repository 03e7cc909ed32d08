#include "probe/net/fetch.h"

#include <stdlib.h>

#include "probe/base/clock.h"
#include "probe/dns/name.h"
#include "probe/net/libcurl.h"

enum { HTTPS_PORT = 443, BODY_ROOM_MIN = 4096 };

/*
 * libcurl says which descriptors to watch and when to wake it, closes a
 * descriptor as soon as it has told us so, and may have the number back
 * before our handle is closed: each descriptor gets a handle of its own.
 */
struct fetch_watch {
	struct fetch_watch *next;
	struct fetcher *fetcher;
	curl_socket_t fd;
	uv_poll_t poll;
};

/* One connection to one address, and what came of it. */
struct transfer {
	struct fetch *fetch;
	CURL *easy;
	struct curl_slist *connect_to;
	uint64_t began_ms; /* the first of the fetch */
	char *body;
	size_t body_len, body_room, head_len;
	bool is_too_large;
	struct span troubles; /* of the addresses before */
	char error[CURL_ERROR_SIZE];
};

struct fetcher {
	struct arena *arena;
	uv_loop_t *loop;
	struct fetch_orders orders;
	struct libcurl curl;
	CURLM *multi; /* NULL until the first fetch */
	uv_timer_t timer;
	struct fetch_watch *spare;
	LIST_HEAD(, fetch) fetches;
};

static void read_messages(struct fetcher *fetcher);

/* ---- libcurl on libuv */

static void on_watch_closed(uv_handle_t *handle)
{
	struct fetch_watch *watch = OWNER_OF(handle, struct fetch_watch, poll);

	watch->next = watch->fetcher->spare;
	watch->fetcher->spare = watch;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct fetch_watch *watch = OWNER_OF(poll, struct fetch_watch, poll);
	struct fetcher *fetcher = watch->fetcher;
	int what = 0, running;

	if (status < 0)
		what = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		what |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		what |= CURL_CSELECT_OUT;
	fetcher->curl.multi_socket_action(
		fetcher->multi, watch->fd, what, &running);
	read_messages(fetcher);
}

static struct fetch_watch *watch_new(struct fetcher *fetcher, curl_socket_t fd)
{
	struct fetch_watch *watch = fetcher->spare;

	if (watch)
		fetcher->spare = watch->next;
	else
		watch = arena_new(fetcher->arena, struct fetch_watch);
	watch->fetcher = fetcher;
	watch->fd = fd;
	if (uv_poll_init(fetcher->loop, &watch->poll, fd) == 0)
		return watch;
	watch->next = fetcher->spare;
	fetcher->spare = watch;
	return NULL;
}

static int on_socket(
	CURL *easy, curl_socket_t fd, int what, void *user, void *socket_user)
{
	struct fetcher *fetcher = user;
	struct fetch_watch *watch = socket_user;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch)
			uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
		return 0;
	}
	if (!watch)
		watch = watch_new(fetcher, fd);
	if (!watch)
		return -1;
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	fetcher->curl.multi_assign(fetcher->multi, fd, watch);
	uv_poll_start(&watch->poll, events, on_poll);
	return 0;
}

static void on_timer(uv_timer_t *timer)
{
	struct fetcher *fetcher = OWNER_OF(timer, struct fetcher, timer);
	int running;

	fetcher->curl.multi_socket_action(
		fetcher->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	read_messages(fetcher);
}

/* libcurl must not be called again from in here, not even for "now". */
static int on_wait(CURLM *multi, long wait_ms, void *user)
{
	struct fetcher *fetcher = user;

	(void)multi;
	if (wait_ms < 0)
		uv_timer_stop(&fetcher->timer);
	else
		uv_timer_start(&fetcher->timer, on_timer,
			wait_ms ? (uint64_t)wait_ms : 1, 0);
	return 0;
}

static bool start_libcurl(struct fetcher *fetcher)
{
	struct libcurl *curl = &fetcher->curl;

	if (fetcher->multi)
		return true;
	if (!libcurl_load(curl) || curl->global_init(CURL_GLOBAL_DEFAULT) != 0)
		return false;
	fetcher->multi = curl->multi_init();
	if (!fetcher->multi) {
		curl->global_cleanup();
		return false;
	}
	uv_timer_init(fetcher->loop, &fetcher->timer);
	curl->multi_setopt(fetcher->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl->multi_setopt(fetcher->multi, CURLMOPT_SOCKETDATA, fetcher);
	curl->multi_setopt(fetcher->multi, CURLMOPT_TIMERFUNCTION, on_wait);
	curl->multi_setopt(fetcher->multi, CURLMOPT_TIMERDATA, fetcher);
	return true;
}

/* ---- what arrives */

static size_t on_header(char *bytes, size_t one, size_t len, void *user)
{
	struct transfer *transfer = user;

	(void)bytes;
	transfer->head_len += one * len;
	if (transfer->head_len <= FETCH_HEAD_MAX)
		return one * len;
	transfer->is_too_large = true;
	return 0;
}

static void make_room(struct transfer *transfer, size_t needed)
{
	size_t room = transfer->body_room ? transfer->body_room : BODY_ROOM_MIN;
	char *body;

	if (needed <= transfer->body_room)
		return;
	while (room < needed)
		room *= 2;
	body = arena_take(transfer->fetch->arena, room);
	if (transfer->body_len)
		memcpy(body, transfer->body, transfer->body_len);
	transfer->body = body;
	transfer->body_room = room;
}

static size_t on_body(char *bytes, size_t one, size_t len, void *user)
{
	struct transfer *transfer = user;
	size_t more = one * len;

	if (more > FETCH_BODY_MAX - transfer->body_len) {
		transfer->is_too_large = true;
		return 0;
	}
	make_room(transfer, transfer->body_len + more);
	memcpy(transfer->body + transfer->body_len, bytes, more);
	transfer->body_len += more;
	return more;
}

/* ---- what it means */

/* RFC 8461, 3.2: the parameters behind a ";" do not count. */
static bool is_plain_text(const char *content_type)
{
	struct span rest = content_type ? span_of(content_type) : SPAN("");

	return span_is_nocase(
		span_trim(span_cut(&rest, ';')), SPAN("text/plain"));
}

static enum answer_kind kind_of_status(long status)
{
	if (status == 404 || status == 410)
		return ANSWER_NONE;
	return status >= 500 && status < 600 ? ANSWER_SERVFAIL : ANSWER_REFUSED;
}

static void answer_status(struct fetch *fetch, long status)
{
	bool is_redirect = status >= 300 && status < 400;

	fetch->answer.kind = kind_of_status(status);
	fetch->answer.why = arena_print(fetch->arena,
		is_redirect ? "redirect %ld: RFC 8461, 3.3 forbids to follow it"
			    : "HTTP %ld",
		status);
}

static void answer_body(struct fetch *fetch)
{
	struct libcurl *curl = &fetch->fetcher->curl;
	struct transfer *transfer = fetch->transfer;
	struct span *value = arena_new(fetch->arena, struct span);
	char *type = NULL;

	curl->easy_getinfo(transfer->easy, CURLINFO_CONTENT_TYPE, &type);
	if (!is_plain_text(type)) {
		fetch->answer.kind = ANSWER_MALFORMED;
		fetch->answer.why = type ? arena_print(fetch->arena,
						   "content type %s, not "
						   "text/plain",
						   type)
					 : SPAN("no content type");
		return;
	}
	*value = (struct span){ transfer->body, transfer->body_len };
	fetch->answer.kind = ANSWER_DATA;
	fetch->answer.values = value;
	fetch->answer.value_count = 1;
	fetch->answer.why = transfer->troubles;
}

/* The words of libcurl, without those that say that they are about TLS. */
static struct span error_text(struct fetch *fetch, CURLcode code)
{
	static const struct span known[] = {
		{ "SSL certificate problem: ", 25 }, { "SSL: ", 5 }
	};
	struct transfer *transfer = fetch->transfer;
	struct span text = span_of(transfer->error);

	if (!text.len)
		text = span_of(fetch->fetcher->curl.easy_strerror(code));
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (span_starts_nocase(text, known[i]))
			text = span_part(text, known[i].len, text.len);
	return arena_copy(fetch->arena, text);
}

static enum answer_kind kind_of_error(CURLcode code)
{
	static const struct {
		CURLcode code;
		enum answer_kind kind;
	} rows[] = {
		{ CURLE_PEER_FAILED_VERIFICATION, ANSWER_UNTRUSTED },
		{ CURLE_OPERATION_TIMEDOUT, ANSWER_TIMEOUT },
		{ CURLE_COULDNT_CONNECT, ANSWER_UNREACHABLE },
		{ CURLE_SSL_CACERT_BADFILE, ANSWER_UNREACHABLE },
		{ CURLE_OUT_OF_MEMORY, ANSWER_UNREACHABLE },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].code == code)
			return rows[i].kind;
	return ANSWER_MALFORMED;
}

static void answer_error(struct fetch *fetch, CURLcode code)
{
	struct libcurl *curl = &fetch->fetcher->curl;
	long number = 0;

	fetch->answer.kind = kind_of_error(code);
	curl->easy_getinfo(fetch->transfer->easy, CURLINFO_OS_ERRNO, &number);
	if (fetch->transfer->is_too_large)
		fetch->answer.why = SPAN("larger than 64 KB");
	else if (code == CURLE_OPERATION_TIMEDOUT)
		fetch->answer.why = SPAN("timed out");
	else if (code == CURLE_COULDNT_CONNECT && number)
		fetch->answer.why = span_of(strerror((int)number));
	else
		fetch->answer.why = error_text(fetch, code);
}

static void answer_transfer(struct fetch *fetch, CURLcode code)
{
	struct libcurl *curl = &fetch->fetcher->curl;
	struct transfer *transfer = fetch->transfer;
	curl_off_t took_us = 0;
	long status = 0;

	curl->easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	curl->easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &took_us);
	fetch->answer = (struct answer){ .canonical = SPAN(""),
		.server = ip_text(fetch->arena, &fetch->addresses[fetch->at]),
		.rtt_us = clock_is_frozen() ? 0 : (uint32_t)took_us + 1 };
	/* A status that is no policy counts, whatever became of its page. */
	if (status >= 300)
		answer_status(fetch, status);
	else if (code != CURLE_OK)
		answer_error(fetch, code);
	else if (status != 200)
		answer_status(fetch, status);
	else
		answer_body(fetch);
}

/* ---- from address to address */

static void transfer_end(struct fetch *fetch)
{
	struct libcurl *curl = &fetch->fetcher->curl;
	struct transfer *transfer = fetch->transfer;

	curl->multi_remove_handle(fetch->fetcher->multi, transfer->easy);
	curl->easy_cleanup(transfer->easy);
	curl->slist_free_all(transfer->connect_to);
	transfer->easy = NULL;
	transfer->connect_to = NULL;
}

static void fetch_end(struct fetch *fetch)
{
	LIST_REMOVE(fetch, entry);
	fetch->on_fetched(fetch);
}

static void fetch_fail(
	struct fetch *fetch, enum answer_kind kind, struct span why)
{
	fetch->answer = (struct answer){ .kind = kind,
		.canonical = SPAN(""),
		.server = SPAN(""),
		.why = why };
	fetch_end(fetch);
}

/* As OpenSSL does for the walks; a directory alone also when it is asked for,
 * since libcurl keeps the anchors of a file for the next fetch. */
static void set_anchors(const struct fetcher *fetcher, CURL *easy)
{
	const struct fetch_orders *orders = &fetcher->orders;
	const char *file = orders->ca_file, *dir = orders->ca_dir;

	if (!file && !dir) {
		file = getenv("SSL_CERT_FILE");
		dir = getenv("SSL_CERT_DIR");
	}
	if (file || dir)
		fetcher->curl.easy_setopt(easy, CURLOPT_CAINFO, file);
	fetcher->curl.easy_setopt(easy, CURLOPT_CAPATH, dir);
}

static void set_limits(struct fetch *fetch)
{
	struct fetcher *fetcher = fetch->fetcher;
	struct libcurl *curl = &fetcher->curl;
	CURL *easy = fetch->transfer->easy;
	uint64_t most = fetcher->orders.timeout_ms, spent;
	long left, connect;

	if (!most)
		most = FETCH_TIMEOUT_MS;
	spent = uv_now(fetcher->loop) - fetch->transfer->began_ms;
	left = spent < most ? (long)(most - spent) : 1;
	connect = left / (long)(fetch->address_count - fetch->at);
	if (connect > FETCH_CONNECT_MS)
		connect = FETCH_CONNECT_MS;
	curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, left);
	curl->easy_setopt(
		easy, CURLOPT_CONNECTTIMEOUT_MS, connect ? connect : 1L);
}

static void set_receivers(struct fetch *fetch)
{
	struct libcurl *curl = &fetch->fetcher->curl;
	struct transfer *transfer = fetch->transfer;
	CURL *easy = transfer->easy;

	curl->easy_setopt(easy, CURLOPT_PRIVATE, fetch);
	curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
	curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl->easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl->easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

/* False: libcurl has no HTTPS. */
static bool set_target(struct fetch *fetch)
{
	struct fetcher *fetcher = fetch->fetcher;
	struct libcurl *curl = &fetcher->curl;
	struct transfer *transfer = fetch->transfer;
	const struct ip *ip = &fetch->addresses[fetch->at];
	CURL *easy = transfer->easy;
	char address[IP_TEXT_MAX];
	unsigned port = fetcher->orders.port;
	struct span to = arena_print(fetch->arena,
		ip->family == FAMILY_IPV6 ? "%.*s:%d:[%s]:%u" : "%.*s:%d:%s:%u",
		SPAN_ARG(fetch->host), HTTPS_PORT, ip_print(ip, address),
		port ? port : HTTPS_PORT);
	struct span url = arena_print(fetch->arena,
		"https://%.*s/.well-known/mta-sts.txt", SPAN_ARG(fetch->host));

	transfer->connect_to = curl->slist_append(NULL, to.at);
	curl->easy_setopt(easy, CURLOPT_CONNECT_TO, transfer->connect_to);
	curl->easy_setopt(easy, CURLOPT_PROXY, "");
	curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl->easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl->easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl->easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl->easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl->easy_setopt(easy, CURLOPT_USERAGENT, "mxprobe/" MXP_VERSION);
	curl->easy_setopt(easy, CURLOPT_URL, url.at);
	set_anchors(fetcher, easy);
	return transfer->connect_to &&
	       curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") ==
		       CURLE_OK;
}

static void transfer_begin(struct fetch *fetch)
{
	struct libcurl *curl = &fetch->fetcher->curl;
	struct transfer *transfer = fetch->transfer;

	transfer->easy = curl->easy_init();
	if (!transfer->easy) {
		fetch_fail(fetch, ANSWER_UNREACHABLE,
			SPAN("libcurl does not start"));
		return;
	}
	transfer->body_len = transfer->head_len = 0;
	transfer->is_too_large = false;
	transfer->error[0] = '\0';
	set_receivers(fetch);
	set_limits(fetch);
	if (set_target(fetch) && curl->multi_add_handle(fetch->fetcher->multi,
					 transfer->easy) == CURLM_OK)
		return;
	transfer_end(fetch);
	fetch_fail(fetch, ANSWER_UNREACHABLE, SPAN("libcurl has no HTTPS"));
}

/* No connection, or one that swallows the handshake, as behind a path-MTU
 * hole: another address may do better. */
static bool was_not_reached(const struct fetch *fetch, CURLcode code)
{
	curl_off_t shook_us = 0;

	if (code == CURLE_COULDNT_CONNECT)
		return true;
	fetch->fetcher->curl.easy_getinfo(
		fetch->transfer->easy, CURLINFO_APPCONNECT_TIME_T, &shook_us);
	return code == CURLE_OPERATION_TIMEDOUT && shook_us == 0;
}

static void note_trouble(struct fetch *fetch)
{
	struct transfer *transfer = fetch->transfer;

	transfer->troubles = arena_print(fetch->arena, "%.*s%s%.*s: %.*s",
		SPAN_ARG(transfer->troubles),
		transfer->troubles.len ? "; " : "",
		SPAN_ARG(fetch->answer.server), SPAN_ARG(fetch->answer.why));
}

static void on_transferred(struct fetch *fetch, CURLcode code)
{
	bool is_lost = was_not_reached(fetch, code);

	answer_transfer(fetch, code);
	transfer_end(fetch);
	if (is_lost) {
		note_trouble(fetch);
		if (++fetch->at < fetch->address_count) {
			transfer_begin(fetch);
			return;
		}
		fetch->answer.why = fetch->transfer->troubles;
		fetch->answer.server = SPAN("");
	}
	fetch_end(fetch);
}

static void read_messages(struct fetcher *fetcher)
{
	struct libcurl *curl = &fetcher->curl;
	const CURLMsg *message;
	int left;

	while ((message = curl->multi_info_read(fetcher->multi, &left))) {
		CURLcode code = message->data.result;
		struct fetch *fetch = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl->easy_getinfo(
			message->easy_handle, CURLINFO_PRIVATE, &fetch);
		on_transferred(fetch, code);
	}
}

/* ---- begin and end */

struct fetcher *fetcher_open(
	struct arena *arena, uv_loop_t *loop, const struct fetch_orders *orders)
{
	struct fetcher *fetcher = arena_new(arena, struct fetcher);

	fetcher->arena = arena;
	fetcher->loop = loop;
	fetcher->orders = *orders;
	LIST_INIT(&fetcher->fetches);
	return fetcher;
}

void fetcher_close(struct fetcher *fetcher)
{
	struct fetch *fetch;

	if (!fetcher->multi)
		return;
	while ((fetch = LIST_FIRST(&fetcher->fetches))) {
		LIST_REMOVE(fetch, entry);
		transfer_end(fetch);
	}
	fetcher->curl.multi_cleanup(fetcher->multi);
	fetcher->curl.global_cleanup();
	uv_close((uv_handle_t *)&fetcher->timer, NULL);
}

static void take_addresses(
	struct fetch *fetch, const struct answers *answers, enum family family)
{
	const struct answer *answer = answers_known(
		answers, fetch->host, family == FAMILY_IPV4 ? RR_A : RR_AAAA);
	size_t taken = 0;

	if (!answer)
		return;
	for (size_t i = 0; i < answer->value_count; i++) {
		struct ip ip;

		if (taken == FETCH_ADDRESSES_MAX ||
			!ip_parse(answer->values[i], &ip))
			continue;
		fetch->addresses[fetch->address_count++] = ip;
		taken++;
	}
}

void fetch_init(struct fetch *fetch, struct arena *arena, struct span host,
	const struct answers *answers)
{
	*fetch = (struct fetch){ .arena = arena, .host = host };
	take_addresses(fetch, answers, FAMILY_IPV6);
	take_addresses(fetch, answers, FAMILY_IPV4);
}

static void leave_out_unwanted(struct fetch *fetch)
{
	size_t kept = 0;

	for (size_t i = 0; i < fetch->address_count; i++)
		if (fetch->fetcher->orders.wanted[fetch->addresses[i].family])
			fetch->addresses[kept++] = fetch->addresses[i];
	fetch->address_count = kept;
}

void fetch_begin(struct fetch *fetch, struct fetcher *fetcher,
	void (*on_fetched)(struct fetch *fetch))
{
	const char *why = "";

	fetch->fetcher = fetcher;
	fetch->on_fetched = on_fetched;
	LIST_INSERT_HEAD(&fetcher->fetches, fetch, entry);
	leave_out_unwanted(fetch);
	/* A foreign name goes into a URL only when it is plain. */
	if (name_host_check(fetch->host, &why) == HOST_UNFIT) {
		fetch_fail(fetch, ANSWER_NO_NAME, span_of(why));
		return;
	}
	if (!fetch->address_count) {
		fetch_fail(fetch, ANSWER_UNREACHABLE,
			SPAN("no address of a family that was asked for"));
		return;
	}
	if (!start_libcurl(fetcher)) {
		fetch_fail(fetch, ANSWER_UNREACHABLE,
			SPAN("libcurl is not installed here"));
		return;
	}
	fetch->transfer = arena_new(fetch->arena, struct transfer);
	fetch->transfer->fetch = fetch;
	fetch->transfer->troubles = SPAN("");
	fetch->transfer->began_ms = uv_now(fetcher->loop);
	transfer_begin(fetch);
}
