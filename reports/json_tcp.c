#include "reports/json_tcp.h"

#include "reports/json_visit.h"

void json_tcp(struct json_writer *json, const struct tcp_facts *tcp)
{
	if (!tcp->is_known) {
		writer_nothing(json);
		return;
	}
	writer_begin_object(json);
	writer_put_count(json, "rtt_us", tcp->rtt_us);
	writer_put_count(json, "rtt_var_us", tcp->rtt_var_us);
	writer_put_count(json, "retransmits", tcp->retransmits);
	writer_put_count(json, "send_mss", tcp->send_mss);
	writer_put_count(json, "receive_mss", tcp->receive_mss);
	writer_put_count(json, "path_mtu", tcp->path_mtu);
	writer_put_count(json, "unacked", tcp->unacked);
	writer_put_count(json, "unsent", tcp->unsent);
	writer_put_count(json, "backoff", tcp->backoff);
	writer_put_count(json, "acked", tcp->acked);
	writer_end_object(json);
}

static void put_walk(
	struct json_writer *json, const char *key, const struct visit *visit)
{
	writer_key(json, key);
	if (!visit) {
		writer_nothing(json);
		return;
	}
	writer_begin_object(json);
	writer_put_word(json, "state", visit_state_word(visit->state));
	writer_put_maybe(json, "why_not", visit->why_not);
	writer_put_word(json, "last_stage", stage_word(visit->last));
	writer_key(json, "fault");
	json_fault(json, visit->fault);
	writer_key(json, "tcp");
	json_tcp(json, &visit->tcp);
	writer_end_object(json);
}

void json_mtu_trial(struct json_writer *json, const struct mtu_trial *trial)
{
	writer_begin_object(json);
	writer_put_word(
		json, "answer", mtu_answer_word(mtu_trial_answer(trial)));
	writer_put_count(json, "clamp",
		mtu_trial_clamp(trial->full->path->family));
	put_walk(json, "full", trial->full);
	put_walk(json, "clamped", trial->clamped);
	writer_end_object(json);
}
