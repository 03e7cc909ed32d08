#include "reports/html_isolation.h"

#include "probe/base/escape.h"
#include "reports/isolation_account.h"

struct telling {
	FILE *out;
	struct isolation_account account;
};

static void show(const struct telling *telling, struct span text)
{
	markup_show(telling->out, escape_text(telling->account.arena, text));
}

/* The words are those of all reports: it is told by no colour alone. */
static struct badge badge_of_trial(
	const struct telling *telling, const struct trial *trial)
{
	const struct isolation *isolation = telling->account.isolation;
	const char *words = account_verdict(&telling->account, trial);

	switch (trial_verdict_of(
		&isolation->question->failing.end, &trial->end)) {
	case TRIAL_WELL:
		return (struct badge){ "\xe2\x9c\x93", words, "good" };
	case TRIAL_ALIKE:
	case TRIAL_OTHERWISE:
		return (struct badge){ "\xe2\x9c\x95", words, "bad" };
	case TRIAL_OPEN:
		break;
	}
	return (struct badge){ "?", words, "warn" };
}

static void put_trial(const struct telling *telling, const struct trial *trial)
{
	struct span reply = account_reply(&telling->account, trial);

	fputs("<tr><td>", telling->out);
	show(telling, account_changes(&telling->account, trial));
	if (trial->is_known)
		fputs("<small>walked before</small>", telling->out);
	fputs("</td><td>", telling->out);
	html_badge(telling->out, badge_of_trial(telling, trial));
	fputs("</td><td>", telling->out);
	show(telling, reply);
	fputs("</td></tr>\n", telling->out);
}

static void put_trials(const struct telling *telling)
{
	const struct isolation *isolation = telling->account.isolation;

	if (!isolation->trial_count)
		return;
	fputs("<table class=\"misses\"><caption>One thing changed at a time"
	      "</caption><thead><tr><th scope=\"col\">Changed</th>"
	      "<th scope=\"col\">then it</th><th scope=\"col\">reply</th>"
	      "</tr></thead><tbody>\n",
		telling->out);
	for (size_t i = 0; i < isolation->trial_count; i++)
		put_trial(telling, &isolation->trials[i]);
	fputs("</tbody></table>\n", telling->out);
}

static void put_part(
	const struct telling *telling, const char *term, struct span text)
{
	fprintf(telling->out, "<dt>%s</dt><dd>", term);
	show(telling, text);
	fputs("</dd>\n", telling->out);
}

void html_isolation(
	FILE *out, struct arena *arena, const struct result_row *row)
{
	struct telling telling = { .out = out,
		.account = { .arena = arena,
			.isolation = row->isolation,
			.secrets = row->variables } };

	if (!row->isolation)
		return;
	fputs("<div class=\"isolation\">\n<h4>Isolation", out);
	fprintf(out, "%s%s</h4>\n<p>", row->has_family ? " over " : "",
		row->has_family ? family_word(row->family) : "");
	show(&telling, account_conclusion(&telling.account));
	fputs("</p>\n", out);
	put_trials(&telling);
	fputs("<dl>\n", out);
	put_part(&telling, "Failed", account_failing(&telling.account));
	put_part(&telling, "Held still", account_held(&telling.account));
	put_part(&telling, "Cost", account_cost(&telling.account));
	fputs("</dl>\n</div>\n", out);
}
