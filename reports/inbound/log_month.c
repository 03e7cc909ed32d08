#include "reports/inbound/log_month.h"

#include "probe/base/attr.h"

enum { MONTHS = 12 };

/*
 * In the order of the year, as the C library has them without their dots; those
 * told before are left empty.  German, French, Spanish, Italian, Portuguese,
 * Dutch, the Scandinavian ones, Polish, Czech, Finnish, Russian, Ukrainian,
 * Turkish, then parts of others, Greek, Hungarian.
 */
/* clang-format off */
static const char *const names[][MONTHS] = {
	{ "Jän", "Feb", "Mär", "Apr", "Mai", "Jun",
	  "Jul", "Aug", "Sep", "Okt", "Nov", "Dez" },
	{ "janv", "févr", "mars", "avril", "mai", "juin",
	  "juil", "août", "sept", "oct", "nov", "déc" },
	{ "ene", "feb", "mar", "abr", "may", "jun",
	  "jul", "ago", "sep", "oct", "nov", "dic" },
	{ "gen", "feb", "mar", "apr", "mag", "giu",
	  "lug", "ago", "set", "ott", "nov", "dic" },
	{ "jan", "fev", "mar", "abr", "mai", "jun",
	  "jul", "ago", "set", "out", "nov", "dez" },
	{ "jan", "feb", "mrt", "apr", "mei", "jun",
	  "jul", "aug", "sep", "okt", "nov", "dec" },
	{ "jan", "feb", "mars", "april", "maj", "juni",
	  "juli", "aug", "sept", "okt", "nov", "des" },
	{ "sty", "lut", "mar", "kwi", "maj", "cze",
	  "lip", "sie", "wrz", "paź", "lis", "gru" },
	{ "led", "úno", "bře", "dub", "kvě", "čen",
	  "čec", "srp", "zář", "říj", "lis", "pro" },
	{ "tammi", "helmi", "maalis", "huhti", "touko", "kesä",
	  "heinä", "elo", "syys", "loka", "marras", "joulu" },
	{ "янв", "фев", "мар", "апр", "май", "июн",
	  "июл", "авг", "сен", "окт", "ноя", "дек" },
	{ "січ", "лют", "бер", "кві", "тра", "чер",
	  "лип", "сер", "вер", "жов", "лис", "гру" },
	{ "Oca", "Şub", "Mar", "Nis", "May", "Haz",
	  "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara" },
	{ "", "fév", "", "avr", "", "", "jui", "aoû", "", "", "", "" },
	{ "ian", "", "", "", "", "iun", "iul", "avg", "", "", "", "" },
	{ "", "", "", "", "мая", "юни", "юли", "", "сеп", "", "ное", "" },
	{ "яну", "", "", "", "", "", "", "Agu", "", "", "", "" },
	{ "Ιαν", "Φεβ", "Μαρ", "Απρ", "Μαΐ", "Ιουν",
	  "Ιουλ", "Αυγ", "Σεπ", "Οκτ", "Νοε", "Δεκ" },
	{ "jan", "febr", "márc", "ápr", "máj", "jún",
	  "júl", "aug", "szept", "okt", "nov", "dec" },
};
/* clang-format on */

/* A number and the word for a month: Chinese, Japanese, Korean. */
static unsigned counted(struct span name)
{
	static const struct span words[] = { { "月", 3 }, { "월", 3 } };
	unsigned long month;

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		size_t len = name.len - words[i].len;

		if (name.len > words[i].len &&
			span_is(span_part(name, len, name.len), words[i]) &&
			span_number(span_part(name, 0, len), MONTHS, &month))
			return (unsigned)month;
	}
	return 0;
}

unsigned log_month_of(struct span name)
{
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	if (!name.len)
		return 0;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (unsigned month = 0; month < MONTHS; month++)
			if (span_is_nocase(name, span_of(names[i][month])))
				return month + 1;
	return counted(name);
}
