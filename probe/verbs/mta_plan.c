#include "probe/verbs/mta_plan.h"

#include "reports/inbound/mta_config_file.h"
#include "reports/mta_text.h"

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
