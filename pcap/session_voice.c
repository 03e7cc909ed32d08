#include "pcap/session_voice.h"

static bool is_ehlo(
	const struct session_record *record, const struct talk *talk)
{
	const struct talk *about;

	if (talk->answers != ANSWERS_TALK || talk->about >= record->talk_count)
		return false;
	about = &record->talks[talk->about];
	return about->kind == TALK_COMMAND && about->line.verb == SMTP_EHLO &&
	       !talk->is_encrypted;
}

static void hear_greeting(const struct session_record *record,
	const struct talk *talk, struct host_voice *voice)
{
	struct span text;

	if (!talk->reply->line_count)
		return;
	text = talk->reply->lines[0];
	voice->name = span_cut(&text, ' ');
	voice->frame = talk->seen.frame;
	voice->has_time = record->has_time;
	if (voice->has_time)
		voice->time_ms = talk->seen.time_ns / 1000000;
}

bool session_voice(
	const struct session_record *record, struct host_voice *voice)
{
	const struct tls_sight *tls = record->tls;

	*voice = (struct host_voice){
		.host = record->server_name,
		.family = record->family,
		.hops = record->stream->sides[SIDE_SERVER].hops_first,
		.offers_tls = record->starttls.offered,
	};
	if (!voice->host.len && tls)
		voice->host = tls->sni;
	if (!voice->host.len)
		return false;
	for (size_t i = 0; i < record->talk_count; i++) {
		const struct talk *talk = &record->talks[i];

		if (talk->kind != TALK_REPLY || !talk->reply)
			continue;
		if (talk->answers == ANSWERS_CONNECTION && !voice->frame)
			hear_greeting(record, talk, voice);
		voice->has_ehlo |= is_ehlo(record, talk);
	}
	return voice->frame > 0;
}
