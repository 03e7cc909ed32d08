#include "reports/inbound/log_stamp.h"

#include "reports/inbound/log_month.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, BSD_LEN = 15, ISO_DATE_LEN = 10 };

/* A day of the calendar; the count of days since 1970 is by eras of 400 years,
 * which begin with March so that the leap day is the last of a year. */
struct day {
	int64_t year;
	unsigned month;
	unsigned day;
};

static int64_t days_since_1970(struct day day)
{
	int64_t year = day.month <= 2 ? day.year - 1 : day.year;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t of_year = (153 * ((day.month + 9) % 12) + 2) / 5 +
			  (int64_t)day.day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

/* The year that a time is in: near enough first, then stepped. */
static int64_t year_of(int64_t ms)
{
	int64_t year = 1970 + ms / DAY_MS / 366;

	while (days_since_1970((struct day){ year + 1, 1, 1 }) * DAY_MS <= ms)
		year++;
	return year;
}

static bool is_day(struct day day)
{
	return day.month >= 1 && day.month <= 12 && day.day >= 1 &&
	       day.day <= 31;
}

static bool number_at(struct span text, size_t at, size_t len, unsigned *number)
{
	*number = 0;
	if (at > text.len || text.len - at < len)
		return false;
	for (size_t i = at; i < at + len; i++) {
		if (!ascii_is_digit(text.at[i]))
			return false;
		*number = *number * 10 + (unsigned)(text.at[i] - '0');
	}
	return true;
}

static bool has_at(struct span text, size_t at, char wanted)
{
	return at < text.len && text.at[at] == wanted;
}

/* [.,] 1*DIGIT, of which the first three count. */
static void take_fraction(struct span text, size_t *at, int64_t *ms)
{
	int64_t unit = 100;

	if (!has_at(text, *at, '.') && !has_at(text, *at, ','))
		return;
	if (*at + 1 >= text.len || !ascii_is_digit(text.at[*at + 1]))
		return;
	for (++*at; *at < text.len && ascii_is_digit(text.at[*at]); ++*at) {
		*ms += unit * (text.at[*at] - '0');
		unit /= 10;
	}
}

/* hh:mm:ss and perhaps a fraction. */
static bool take_clock(struct span text, size_t *at, int64_t *ms)
{
	unsigned hour, minute, second;

	if (!number_at(text, *at, 2, &hour) || !has_at(text, *at + 2, ':') ||
		!number_at(text, *at + 3, 2, &minute) ||
		!has_at(text, *at + 5, ':') ||
		!number_at(text, *at + 6, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*ms += ((int64_t)hour * 3600 + minute * 60 + second) * 1000;
	*at += 8;
	take_fraction(text, at, ms);
	return true;
}

/* "Z", "+01:00", "+0100", "+01", the last three also behind a blank. */
static bool take_zone(struct span text, size_t *at, int64_t *ms)
{
	size_t sign = *at, end, colon;
	unsigned hours, minutes = 0;
	int64_t away;

	if (has_at(text, sign, 'Z')) {
		++*at;
		return true;
	}
	if (has_at(text, sign, ' '))
		sign++;
	if (!has_at(text, sign, '+') && !has_at(text, sign, '-'))
		return false;
	if (!number_at(text, sign + 1, 2, &hours))
		return false;
	end = sign + 3;
	colon = has_at(text, end, ':');
	if (!has_at(text, end, ' ')) {
		if (!number_at(text, end + colon, 2, &minutes))
			return false;
		end += 2 + colon;
	}
	if (hours > 23 || minutes > 59)
		return false;
	away = ((int64_t)hours * 60 + minutes) * 60 * 1000;
	*ms += text.at[sign] == '+' ? -away : away;
	*at = end;
	return true;
}

static size_t past_blanks(struct span text, size_t at)
{
	while (at < text.len && ascii_is_blank(text.at[at]))
		at++;
	return at;
}

/* yyyy ("-" / "/") mm ("-" / "/") dd ("T" / " " / "_") hh:mm:ss */
static size_t take_iso(struct span text, size_t at, struct log_stamp *stamp)
{
	unsigned year;
	struct day day;

	if (!number_at(text, at, 4, &year) ||
		(!has_at(text, at + 4, '-') && !has_at(text, at + 4, '/')) ||
		!number_at(text, at + 5, 2, &day.month) ||
		!has_at(text, at + 7, text.at[at + 4]) ||
		!number_at(text, at + 8, 2, &day.day))
		return 0;
	day.year = year;
	at += ISO_DATE_LEN;
	if (!is_day(day) || (!has_at(text, at, 'T') && !has_at(text, at, ' ') &&
				    !has_at(text, at, '_')))
		return 0;
	at++;
	stamp->ms = days_since_1970(day) * DAY_MS;
	if (!take_clock(text, &at, &stamp->ms))
		return 0;
	stamp->guesses_zone = !take_zone(text, &at, &stamp->ms);
	return at;
}

static unsigned month_of(struct span text)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	char word[3];

	if (text.len < sizeof(word))
		return 0;
	for (size_t i = 0; i < sizeof(word); i++)
		word[i] = ascii_lower(text.at[i]);
	for (unsigned i = 0; i < 12; i++)
		if (memcmp(months + 3 * i, word, sizeof(word)) == 0)
			return i + 1;
	return 0;
}

static void guess_year(const struct log_stamps *stamps, struct day day,
	struct log_stamp *stamp)
{
	int64_t of_day = stamp->ms;

	day.year = year_of(stamps->latest_ms);
	stamp->ms = days_since_1970(day) * DAY_MS + of_day;
	if (stamp->ms > stamps->latest_ms) {
		day.year--;
		stamp->ms = days_since_1970(day) * DAY_MS + of_day;
	}
	stamp->guesses_year = true;
}

/* Behind the name of the month: "d ", and where it ends. */
static size_t take_day(struct span text, size_t at, struct day *day)
{
	at = past_blanks(text, at);
	if (number_at(text, at, 2, &day->day))
		at += 2;
	else if (number_at(text, at, 1, &day->day))
		at++;
	return is_day(*day) && has_at(text, at, ' ') ? at + 1 : 0;
}

/* "Mmm d ": how long it is. */
static size_t take_month(struct span text, struct day *day)
{
	*day = (struct day){ .month = month_of(text) };
	return day->month && has_at(text, 3, ' ') ? take_day(text, 4, day) : 0;
}

/* Mmm d hh:mm:ss, and the form of some collectors with the year between. */
static size_t take_bsd(const struct log_stamps *stamps, struct span text,
	struct log_stamp *stamp)
{
	struct day day;
	size_t at = take_month(text, &day);
	unsigned year;

	if (!at)
		return 0;
	stamp->ms = 0;
	stamp->guesses_zone = true;
	if (number_at(text, at, 4, &year) && has_at(text, at + 4, ' ')) {
		at += 5;
		if (!take_clock(text, &at, &stamp->ms))
			return 0;
		day.year = year;
		stamp->ms += days_since_1970(day) * DAY_MS;
		return at;
	}
	if (!take_clock(text, &at, &stamp->ms))
		return 0;
	guess_year(stamps, day, stamp);
	return at;
}

/* "@" and 16 digits of seconds since 1970 plus 2^62 and the 10 seconds that
 * TAI was ahead then, perhaps 8 of nanoseconds. */
static size_t take_tai(struct span text, struct log_stamp *stamp)
{
	enum { SECONDS = 16, WHOLE = 24, AHEAD = 10 };
	uint64_t seconds = 0, nano = 0;
	size_t at;

	for (at = 1; at <= WHOLE && at < text.len; at++) {
		int digit = ascii_hex_digit(text.at[at]);

		if (digit < 0)
			break;
		if (at <= SECONDS)
			seconds = seconds << 4 | (uint64_t)digit;
		else
			nano = nano << 4 | (uint64_t)digit;
	}
	if (at != 1 + SECONDS && at != 1 + WHOLE)
		return 0;
	if (seconds >> 36 != UINT64_C(1) << 26 || !has_at(text, at, ' '))
		return 0;
	seconds -= UINT64_C(1) << 62;
	stamp->ms = ((int64_t)seconds - AHEAD) * 1000 +
		    (int64_t)(nano / 1000000 % 1000);
	stamp->is_tai = true;
	return at;
}

/* Nine or ten digits of seconds since 1970, and a fraction. */
static size_t take_unix(struct span text, struct log_stamp *stamp)
{
	size_t at = 0;
	int64_t seconds = 0;

	while (at < text.len && at < 11 && ascii_is_digit(text.at[at]))
		seconds = seconds * 10 + (text.at[at++] - '0');
	if (at < 9 || at > 10 || !has_at(text, at, '.'))
		return 0;
	stamp->ms = seconds * 1000;
	take_fraction(text, &at, &stamp->ms);
	return has_at(text, at, ' ') ? at : 0;
}

/* " UTC", " JST": what the latter means nobody knows. */
static bool take_letters(struct span text, size_t *at)
{
	struct span name = { text.at + *at + 1, 0 };
	size_t end = *at + 1;

	while (end < text.len && text.at[end] >= 'A' && text.at[end] <= 'Z')
		end++;
	name.len = end - *at - 1;
	if (!name.len || !has_at(text, end, ' '))
		return false;
	*at = end;
	return span_is(name, SPAN("UTC")) || span_is(name, SPAN("GMT"));
}

/* "Okt 21 hh:mm:ss": the month is looked up last, as any text comes by here. */
static size_t take_translated(const struct log_stamps *stamps, struct span text,
	struct log_stamp *stamp)
{
	enum { NAME_MAX_LEN = 16, MARCH = 3 };
	size_t name = span_find(span_part(text, 0, NAME_MAX_LEN), ' '), at;
	struct day day = { .month = MARCH };

	at = take_day(text, name, &day);
	stamp->ms = 0;
	if (!at || !take_clock(text, &at, &stamp->ms))
		return 0;
	day.month = log_month_of(span_part(text, 0, name));
	if (!day.month)
		return 0;
	stamp->guesses_zone = true;
	guess_year(stamps, day, stamp);
	return at;
}

/* Mmm d hh:mm:ss yyyy */
static size_t take_ctime(struct span text, size_t from, struct log_stamp *stamp)
{
	struct day day;
	size_t at = take_month(span_part(text, from, text.len), &day);
	unsigned year;

	if (!at)
		return 0;
	at += from;
	stamp->ms = 0;
	if (!take_clock(text, &at, &stamp->ms) || !has_at(text, at, ' ') ||
		!number_at(text, at + 1, 4, &year))
		return 0;
	day.year = year;
	stamp->ms += days_since_1970(day) * DAY_MS;
	stamp->guesses_zone = true;
	return at + 5;
}

/* "Sat " before an ISO date, and the name of the zone behind it; or before one
 * of ctime(3). */
static size_t take_weekday(struct span text, struct log_stamp *stamp)
{
	enum { WEEKDAY = 4 };
	size_t at;

	if (text.len < WEEKDAY || text.at[3] != ' ' ||
		!ascii_is_alpha(text.at[0]))
		return 0;
	at = take_iso(text, WEEKDAY, stamp);
	if (!at)
		return take_ctime(text, WEEKDAY, stamp);
	if (!stamp->guesses_zone || !has_at(text, at, ' '))
		return at;
	stamp->guesses_zone = !take_letters(text, &at);
	return at;
}

static size_t take(const struct log_stamps *stamps, struct span text,
	struct log_stamp *stamp)
{
	size_t len;

	if (text.at[0] == '@')
		return take_tai(text, stamp);
	if (ascii_is_digit(text.at[0])) {
		len = take_iso(text, 0, stamp);
		if (!len)
			len = take_unix(text, stamp);
	} else {
		len = take_bsd(stamps, text, stamp);
		if (!len)
			len = take_weekday(text, stamp);
	}
	return len ? len : take_translated(stamps, text, stamp);
}

/* What its clock showed becomes the time. */
static void put_in_zone(struct log_stamps *stamps, struct log_stamp *stamp)
{
	stamp->ms = log_zone_time(&stamps->zone, stamp->ms);
	stamp->guesses_zone = !stamps->knows_zone;
}

static void keep(struct log_stamps *stamps, struct span text,
	const struct log_stamp *stamp)
{
	memcpy(stamps->last_text, text.at, BSD_LEN);
	stamps->last = (struct span){ stamps->last_text, BSD_LEN };
	stamps->last_ms = stamp->ms;
}

void log_stamps_set_now(struct log_stamps *stamps, int64_t now_ms)
{
	stamps->now_ms = now_ms;
	stamps->latest_ms = log_zone_clock(&stamps->zone, now_ms + DAY_MS);
}

void log_stamps_set_zone(struct log_stamps *stamps, const struct log_zone *zone)
{
	stamps->zone = *zone;
	stamps->knows_zone = true;
	log_stamps_set_now(stamps, stamps->now_ms);
}

void log_stamps_init(struct log_stamps *stamps, int64_t now_ms)
{
	*stamps = (struct log_stamps){ .knows_zone = false };
	log_stamps_set_now(stamps, now_ms);
}

size_t log_stamp_take(
	struct log_stamps *stamps, struct span text, struct log_stamp *stamp)
{
	size_t len;

	*stamp = (struct log_stamp){ 0 };
	if (text.len < BSD_LEN + 1)
		return 0;
	if (stamps->last.len && text.at[BSD_LEN] == ' ' &&
		memcmp(text.at, stamps->last_text, BSD_LEN) == 0) {
		stamp->ms = stamps->last_ms;
		stamp->guesses_year = true;
		stamp->guesses_zone = !stamps->knows_zone;
		return past_blanks(text, BSD_LEN);
	}
	len = take(stamps, text, stamp);
	if (!len)
		return 0;
	if (stamp->guesses_zone)
		put_in_zone(stamps, stamp);
	if (len == BSD_LEN && stamp->guesses_year)
		keep(stamps, text, stamp);
	return past_blanks(text, len);
}

/* How far a clock shows other times than another one, if by quarters of an hour
 * and a moment: their zones are apart.  A year that is guessed is no matter. */
static bool find_zone(const struct log_stamp *own,
	const struct log_stamp *arrival, int64_t *apart_ms)
{
	enum { QUARTER_MS = 15 * 60 * 1000, MOMENT_MS = 10 * 1000 };
	const int64_t zone_max_ms = INT64_C(15) * 60 * 60 * 1000;
	int64_t apart = arrival->ms - own->ms;
	int64_t half = apart < 0 ? -QUARTER_MS / 2 : QUARTER_MS / 2;
	int64_t rest;

	*apart_ms = (apart + half) / QUARTER_MS * QUARTER_MS;
	rest = apart - *apart_ms;
	return rest <= MOMENT_MS && rest >= -MOMENT_MS &&
	       (own->guesses_year ||
		       (*apart_ms <= zone_max_ms && *apart_ms >= -zone_max_ms));
}

struct log_stamp log_stamp_better(
	const struct log_stamp *own, const struct log_stamp *arrival)
{
	struct log_stamp better = *own;
	int64_t apart_ms;

	if (!own->guesses_zone)
		return *own;
	if (arrival->guesses_zone)
		return own->guesses_year && !arrival->guesses_year ? *arrival
								   : *own;
	if (!find_zone(own, arrival, &apart_ms))
		return *arrival;
	better.ms += apart_ms;
	better.guesses_year = better.guesses_zone = false;
	return better;
}
