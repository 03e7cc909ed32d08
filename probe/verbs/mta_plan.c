#include "probe/verbs/mta_plan.h"

#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "reports/inbound/mta_config_file.h"
#include "reports/mta_text.h"

/* Another server's file, or another file of this one, reads like that. */
static bool is_without_a_word(const struct mta_config *config)
{
	return !config->setting_count && !config->exception_count &&
	       !config->doubt_count;
}

bool mta_plan_open(struct arena *arena, struct program *program)
{
	const struct options *options = &program->options;
	const char *file = options->mta_config_file;
	struct span text;

	if (!options->asks_mta)
		return true;
	mta_config_init(&program->mta, options->mta);
	if (!file)
		return true;
	if (!program_read_named(arena, file, MTA_CONFIG_FILE_MAX, &text))
		return false;
	mta_config_read(
		arena, options->mta, span_of(file), text, &program->mta);
	if (is_without_a_word(&program->mta))
		note("%s: nothing in it decides where %s sends mail: the "
		     "defaults hold",
			escape_text(arena, span_of(file)).at,
			mta_name(options->mta));
	return true;
}

void mta_plan_tell(struct arena *arena, const struct program *program,
	const struct outcome *outcome)
{
	const struct target *target = outcome->target;
	struct mta_order order;

	if (!program->options.asks_mta)
		return;
	mta_order_make(arena, &program->mta,
		target->domain.len ? target->domain : target->text,
		outcome->paths, outcome->path_count, &order);
	putchar('\n');
	mta_text(stdout, &program->style, &order);
}
