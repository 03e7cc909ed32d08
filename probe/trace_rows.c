#include "probe/verb.h"

#include "probe/option_values.h"

/* The options of `mxprobe trace`, and those of the walk that mean the same. */
static bool set_control(
	struct reading *reading, struct span value, const char **why)
{
	struct trace_options *options = &reading->options->trace;
	unsigned long port;

	*why = "a port from 1 to 65535 is wanted, or 0 for none";
	if (!span_number(value, 65535, &port))
		return false;
	options->control_port = (uint16_t)port;
	options->has_control = port != 0;
	return true;
}

static bool set_no_names(
	struct reading *reading, struct span value, const char **why)
{
	(void)value;
	(void)why;
	return reading->options->trace.omits_names = true;
}

static bool set_wait(
	struct reading *reading, struct span value, const char **why)
{
	return option_timeout(value, &reading->options->trace.wait_ms, why);
}

static bool take_target(
	struct reading *reading, struct span word, const char **why)
{
	return verb_walk.operand(reading, word, why);
}

static void check(struct reading *reading)
{
	struct options *options = reading->options;

	reading_check_targets(reading,
		"a domain, a host or an address is wanted (mxprobe trace "
		"--help)");
	if (!options->wanted[FAMILY_IPV4] && !options->wanted[FAMILY_IPV6])
		options->wanted[FAMILY_IPV4] = options->wanted[FAMILY_IPV6] =
			true;
}

static const struct option_row rows[] = {
	/* clang-format off */
	{ 0, "control-port", "PORT", set_control, "hold a silent mail port against this (587; 0: no)", "How" },
	{ 0, "wait", "TIME", set_wait, "for the answer to one SYN (1s)", NULL },
	{ 0, "no-names", NULL, set_no_names, "do not look up the names of routers", NULL },
	{ 0, NULL, NULL, NULL, NULL, NULL },
	/* clang-format on */
};

static const char *const shared[] = { "ipv4", "ipv6", "source", "source4",
	"source6", "interface", "server", "port", "mx", "ip", "dns", "trust-ad",
	"answers", "json", "quiet", "color", "help", "version", NULL };

const struct verb_row verb_trace = {
	.word = "trace",
	.verb = VERB_TRACE,
	.usage =
		"usage: mxprobe trace [options] TARGET...\n\n"
		"How far TCP to the mail port of TARGET gets, hop by hop, over "
		"both families.\nNo privilege is needed.  Only two targets, "
		"and a port that is reached, can show\nthat the port is "
		"blocked on the way.\n",
	.rows = rows,
	.shared = shared,
	.ending = "Exit status: 0 every port is open, 1 one is not, or is "
		  "somebody "
		  "else's, 2 usage,\n3 a file does not parse, 4 could not be "
		  "decided.  More: mxprobe(1).\n",
	.operand = take_target,
	.check = check,
};
