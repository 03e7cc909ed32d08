#include "reports/trace_json.h"

#include "reports/json_finding.h"
#include "reports/json_member.h"
#include "reports/json_visit.h"

static void put_icmp(struct json_writer *json, const struct icmp_error *icmp)
{
	writer_key(json, "icmp");
	if (!icmp->is_known) {
		writer_nothing(json);
		return;
	}
	writer_begin_object(json);
	writer_put_count(json, "type", icmp->type);
	writer_put_count(json, "code", icmp->code);
	writer_end_object(json);
}

static void put_hop(struct json_writer *json, const struct hop *hop)
{
	bool has_fault = hop->answer == HOP_ICMP || hop->answer == HOP_LOCAL;

	writer_begin_object(json);
	writer_put_count(json, "hop_limit", hop->limit);
	writer_put_word(json, "answer", hop_answer_word(hop->answer));
	writer_put_count(json, "syns", hop->syns);
	if (hop->answer == HOP_SILENT || hop->answer == HOP_LOCAL)
		writer_put_nothing(json, "rtt_us");
	else
		writer_put_count(json, "rtt_us", hop->rtt_ns / 1000);
	json_put_ip(json, "router", hop->has_router ? &hop->router : NULL);
	writer_put_maybe(json, "router_name", hop->router_name);
	put_icmp(json, &hop->fault.icmp);
	if (has_fault)
		writer_put_word(
			json, "failure", failure_word(hop->fault.failure));
	else
		writer_put_nothing(json, "failure");
	writer_put_maybe(json, "why", has_fault ? hop->fault.why : SPAN(""));
	writer_end_object(json);
}

static void put_trace(struct json_writer *json, const struct trace *trace)
{
	const struct source *source = &trace->source;

	writer_begin_object(json);
	writer_put(json, "host", trace->path->host);
	writer_put_word(json, "family", json_family(trace->path->family));
	json_put_ip(json, "address", &trace->path->remote);
	writer_put_count(json, "port", trace->port);
	writer_put_claim(json, "is_control", trace->is_control);
	json_put_ip(json, "source", source->is_known ? &source->ip : NULL);
	writer_put_word(json, "end", trace_end_word(trace->end));
	writer_put_word(json, "verdict", verdict_word(trace_verdict(trace)));
	writer_put_maybe(json, "why_not", trace->why_not);
	writer_put_maybe(json, "banner", trace->banner);
	writer_key(json, "hops");
	writer_begin_array(json);
	for (size_t i = 0; i < trace->hop_count; i++)
		put_hop(json, &trace->hops[i]);
	writer_end_array(json);
	writer_key(json, "direct");
	if (trace->asked_direct)
		put_hop(json, &trace->direct);
	else
		writer_nothing(json);
	writer_end_object(json);
}

void trace_json_begin(struct json_writer *json, FILE *out)
{
	writer_open(json, out, true, 0);
	writer_begin_object(json);
	writer_put_count(json, "schema", 1);
	writer_key(json, "targets");
	writer_begin_array(json);
}

void trace_json_target(struct json_writer *json, const struct outcome *outcome,
	const struct trace_set *traces)
{
	writer_begin_object(json);
	writer_put(json, "target", outcome->target->text);
	writer_key(json, "fault");
	json_fault(json, outcome->fault);
	writer_key(json, "traces");
	writer_begin_array(json);
	for (size_t i = 0; i < traces->count; i++)
		put_trace(json, traces->traces[i]);
	writer_end_array(json);
	writer_end_object(json);
}

void trace_json_end(struct json_writer *json,
	const struct trace_judgement *judgement, int exit_status)
{
	writer_end_array(json);
	writer_put_word(json, "verdict", verdict_word(judgement->verdict));
	writer_key(json, "families");
	writer_begin_object(json);
	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		writer_put_word(json, json_family((enum family)i),
			verdict_word(judgement->families[i]));
	writer_end_object(json);
	writer_key(json, "findings");
	writer_begin_array(json);
	for (size_t i = 0; i < judgement->finding_count; i++)
		json_finding(json, &judgement->findings[i]);
	writer_end_array(json);
	writer_put_count(json, "exit_status", (uint64_t)exit_status);
	writer_end_object(json);
	writer_newline(json);
	writer_close(json);
}
