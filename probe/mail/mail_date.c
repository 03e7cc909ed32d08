#include "probe/mail/mail_date.h"

#include "probe/mail/token.h"

/*
 *      date-time   = [ day-of-week "," ] date time [CFWS]
 *      date        = day month year
 *      time        = hour ":" minute [ ":" second ] zone
 *      zone        = FWS ( "+" / "-" ) 4DIGIT / obs-zone
 *      obs-zone    = "UT" / "GMT" / "EST" / "EDT" / ... / a letter
 *
 * RFC 5322 sections 3.3 and 4.3.  Comments may stand between all of them.
 */
struct reading {
	struct tokens tokens;
	struct mail_date *date;
};

struct fields {
	int weekday; /* 0 is Sunday; -1: not told */
	unsigned long day, month, year, hour, minute, second;
	long zone; /* minutes east of UTC */
};

static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* RFC 5322 section 4.3; other names are of unknown offset, and count as 0. */
static const struct zone_name {
	const char *word;
	int hours;
} zone_names[] = { { "UT", 0 }, { "GMT", 0 }, { "EST", -5 }, { "EDT", -4 },
	{ "CST", -6 }, { "CDT", -5 }, { "MST", -7 }, { "MDT", -6 },
	{ "PST", -8 }, { "PDT", -7 } };

static bool refuse(struct reading *reading, const char *why)
{
	reading->tokens.why = why;
	return false;
}

static int word_in(struct span word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is_nocase(word, span_of(words[i])))
			return (int)i;
	return -1;
}

/* atext, so that "+0200" is one word too. */
static bool take_word(struct reading *reading, struct span *word)
{
	if (!tokens_skip(&reading->tokens, NULL))
		return false;
	*word = tokens_atom(&reading->tokens);
	return tokens_skip(&reading->tokens, NULL);
}

static bool take_number(struct reading *reading, unsigned long least,
	unsigned long most, unsigned long *number)
{
	struct span word;

	return take_word(reading, &word) && word.len <= 5 &&
	       span_number(word, most, number) && *number >= least;
}

static bool take_weekday(struct reading *reading, struct fields *fields)
{
	struct tokens before = reading->tokens;
	struct span word;

	fields->weekday = -1;
	if (!take_word(reading, &word))
		return false;
	if (word.len && ascii_is_digit(word.at[0])) {
		reading->tokens = before;
		return true;
	}
	fields->weekday = word_in(word, days, COUNT_OF(days));
	if (fields->weekday < 0)
		return refuse(reading, word.len ? "it begins with no day"
						: "there is no date");
	if (!tokens_take(&reading->tokens, ','))
		return refuse(reading,
			"the comma behind the day of the week is missing");
	return true;
}

static bool take_year(struct reading *reading, struct fields *fields)
{
	struct span word;

	if (!take_word(reading, &word) || word.len < 2 || word.len > 5 ||
		!span_number(word, 99999, &fields->year))
		return refuse(reading, "there is no year");
	if (word.len < 4) {
		fields->year += word.len == 2 && fields->year < 50 ? 2000
								   : 1900;
		reading->date->is_obsolete = true;
	}
	/* RFC 5322 section 3.3: any year from 1900 on. */
	return fields->year >= 1900 || refuse(reading, "the year is too early");
}

static bool is_leap(unsigned long year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool take_date(struct reading *reading, struct fields *fields)
{
	static const unsigned char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };
	struct span word;
	int month;

	if (!take_weekday(reading, fields))
		return false;
	if (!take_number(reading, 1, 31, &fields->day))
		return refuse(reading, "there is no day of the month");
	if (!take_word(reading, &word))
		return false;
	month = word_in(word, months, COUNT_OF(months));
	if (month < 0)
		return refuse(reading, "there is no month");
	fields->month = (unsigned long)month;
	if (!take_year(reading, fields))
		return false;
	if (fields->day > (unsigned long)lengths[month] +
				  (month == 1 && is_leap(fields->year)))
		return refuse(reading, "the month has no such day");
	return true;
}

static bool take_named_zone(
	struct reading *reading, struct fields *fields, struct span word)
{
	reading->date->is_obsolete = true;
	for (size_t i = 0; i < COUNT_OF(zone_names); i++)
		if (span_is_nocase(word, span_of(zone_names[i].word)))
			fields->zone = zone_names[i].hours * 60;
	for (size_t i = 0; i < word.len; i++)
		if (!ascii_is_alpha(word.at[i]))
			return refuse(reading, "the zone is none");
	return word.len != 0 || refuse(reading, "there is no zone");
}

static bool take_zone(struct reading *reading, struct fields *fields)
{
	unsigned long number;
	struct span word;

	if (!take_word(reading, &word))
		return false;
	if (!word.len || (word.at[0] != '+' && word.at[0] != '-'))
		return take_named_zone(reading, fields, word);
	if (word.len != 5 ||
		!span_number(span_part(word, 1, 4), 9999, &number) ||
		number % 100 > 59)
		return refuse(reading, "the zone is not +hhmm or -hhmm");
	fields->zone = (long)(number / 100 * 60 + number % 100);
	if (word.at[0] == '-')
		fields->zone = -fields->zone;
	return true;
}

static bool take_time(struct reading *reading, struct fields *fields)
{
	if (!take_number(reading, 0, 23, &fields->hour) ||
		!tokens_take(&reading->tokens, ':') ||
		!take_number(reading, 0, 59, &fields->minute))
		return refuse(reading, "there is no time");
	/* 60 is a leap second. */
	if (tokens_take(&reading->tokens, ':') &&
		!take_number(reading, 0, 60, &fields->second))
		return refuse(reading, "the seconds are none");
	return take_zone(reading, fields);
}

/* Days since 1970 of a day in the Gregorian calendar; months from 0. */
static int64_t day_number(const struct fields *fields)
{
	static const unsigned short before[] = { 0, 31, 59, 90, 120, 151, 181,
		212, 243, 273, 304, 334 };
	int64_t year = (int64_t)fields->year, last = year - 1;
	int64_t leaps = last / 4 - last / 100 + last / 400 - 477;

	return (year - 1970) * 365 + leaps + before[fields->month] +
	       (fields->month > 1 && is_leap(fields->year)) +
	       (int64_t)fields->day - 1;
}

bool mail_date_parse(struct arena *arena, struct span value,
	struct mail_date *date, const char **why)
{
	struct reading reading = { .date = date };
	struct fields fields = { 0 };
	int64_t day;
	bool is_well;

	*date = (struct mail_date){ 0 };
	tokens_init(&reading.tokens, arena, value);
	is_well = take_date(&reading, &fields) && take_time(&reading, &fields);
	if (is_well && !tokens_are_over(&reading.tokens))
		is_well = refuse(&reading, "something stands behind the zone");
	*why = reading.tokens.why;
	if (!is_well)
		return false;
	day = day_number(&fields);
	/* The first of 1970 was a Thursday. */
	date->is_wrong_day = fields.weekday >= 0 &&
			     (day % 7 + 7 + 4) % 7 != fields.weekday;
	date->seconds = day * 86400 + (int64_t)fields.hour * 3600 +
			(int64_t)fields.minute * 60 + (int64_t)fields.second -
			fields.zone * 60;
	return true;
}
