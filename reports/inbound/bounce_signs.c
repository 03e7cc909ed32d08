#include "reports/inbound/bounce_signs.h"

#include "reports/inbound/folded_text.h"

enum { SIGN_WORDS_MAX = 2000 }; /* octets at the start that are looked at */

static const char *const senders[] = { "mailer-daemon", "mailer daemon",
	"mailerdaemon", "postmaster", "post_master", "mail delivery",
	"mail.delivery", "mail deliver", "delivery system",
	"delivery subsystem", "system administrator", "mail administrator",
	"mailsystem", "mail system", "mdaemon@", "maildaemon", "mailer@",
	"bounces@", "bounce-notification", "microsoftexchange",
	"systemadministrator", "administrateur syst", "administrador del sis",
	"administrador do sis", "amministratore di sis", "systeembeheerder" };

static const char *const subjects[] = { "undeliver", "returned mail",
	"return mail", "failure notice", "delivery status", "delivery failure",
	"delivery failed", "mail failure", "could not send",
	"could not be delivered", "cannot be delivered", "mail delivery",
	"delivery notification", "delivery report", "non-delivery",
	"nondeliver", "non delivery", "not delivered", "not deliver",
	"delivery problem", "delivery error", "delivery has failed",
	"failed delivery", "failure delivery", "failed mail", "mail error",
	"mail system error", "returning message", "returned to sender",
	"return to sender", "error sending your", "delivery delayed",
	"delivery warning", "message delayed", "bounce", "unzustellbar",
	"sending failed", "user unknown", "rejected", "undelivered" };

static const char *const words_of_failure[] = { "not be delivered",
	"n't be delivered", "cannot be delivered", "be delivered to one",
	"could not be sent", "unable to deliver", "able to deliver",
	"not delivered", "not been delivered", "not yet been delivered",
	"n't been delivered", "was blocked by", "delivery failed",
	"delivery has failed", "delivery of your message",
	"delivery to the following", "not reach", "undeliverable",
	"fatal errors", "delivery problems", "delivery errors",
	"delivery error", "returned mail", "delivery failure",
	"failed to deliver", "error delivering", "failure delivering",
	"trouble delivering", "problem delivering", "delivering your m",
	"failure reasons", "permanent failure", "permanent error",
	"failed permanently", "attempting to deliver", "trying to deliver",
	"could not deliver", "non-delivery", "an error has occurred while",
	"is delayed", "invalid user address", "has been rejected by",
	"was rejected by" };

/*
 * In other tongues: words of a delivery that failed, for a subject and for the
 * text.  What may begin a sentence with a letter that ASCII does not have is
 * written without it, since only ASCII is compared without case.
 */
/* clang-format off */
static const char *const foreign_words[] = {
	/* German */
	"unzustellbar", "nicht zugestellt", "nicht zustell",
	"nicht ausgeliefert", "zustellung fehlgeschlagen",
	"zustellung ist fehlgeschlagen", "zustellfehler", "zustellungsfehler",
	"nachrichtenzustellung an folgende", "nicht erreicht werden",
	"empfänger nicht erreicht",
	/* French */
	"non remis", "non délivr", "non distribu", "pu être remis",
	"pu être délivr", "pu être distribu", "pu être achemin",
	"pu être envoy", "pu etre delivre", "pu etre remis",
	"chec de la remise", "chec de remise", "chec de la distribution",
	"chec de l'envoi",
	/* Spanish */
	"se puede entregar", "se pudo entregar", "no entregado",
	"no ha podido ser entregad", "no pudo ser entregad",
	"no se ha podido entregar", "no ha sido entregad", "mensaje devuelto",
	"correo devuelto", "error de entrega", "error en la entrega",
	/* Portuguese */
	"não entregue", "nao entregue", "pôde ser entregue",
	"pode ser entregue", "não foi entregue", "falha na entrega",
	"falha no envio", "mensagem devolvida", "erro na entrega",
	/* Italian */
	"non recapitat", "non recapitabil", "recapito non riuscito",
	"mancata consegna", "mancato recapito", "non consegnat",
	"può essere consegnat", "può essere recapitat",
	"non è stato consegnat", "non è stato recapitat", "consegna fallita",
	/* Dutch */
	"onbestelbaar", "niet bezorgd", "niet afgeleverd", "niet bestelbaar",
	"bezorging mislukt", "groepen is mislukt", "niet worden bezorgd",
	"niet worden afgeleverd", "niet worden verzonden",
	/* Danish, Norwegian, Swedish */
	"kunne ikke lever", "kan ikke lever", "ikke levert", "ikke leveret",
	"kunde inte lever", "kan inte lever", "gick inte att leverera",
	"inte levererat", "olevererbar",
	/* Polish, Czech, Hungarian, Turkish */
	"niedostarczon", "nie można dostarczy", "nie dostarczono",
	"dostarczenie do tych", "nedoručen", "nedoručiteln",
	"nelze doručit", "zbesíthetetlen", "teslim edilemedi",
	"iletilemedi",
	/* Russian */
	"едоставлен", "е доставлен", "быть доставлен",
	"озможно доставить", "бой доставки", "шибка доставки",
	/* Japanese */
	"配信不能", "配信できません", "配信エラー", "送信エラー",
	"配達できません", "届けられません", "配信に失敗",
	"送信に失敗", "送信できません",
	/* Chinese */
	"退信", "被退回", "未送达", "法送达", "未能送达", "法投递",
	"投递失败", "传输失败", "法发送到", "法传递", "传递邮件",
	"傳送失敗", "法傳遞", "法投遞",
	/* Korean */
	"배달되지", "배달할 수 없", "배달 실패", "전송 실패",
};
/* clang-format on */

static const char *const words_of_lists[] = {
	"not a member of this mailing list", "not allowed to post to this",
	"not authorized to post to", "posts from non-members",
	"non-members are not allowed", "only members can post",
	"only subscribers", "not subscribed to this"
};

static const char *const away_subjects[] = { "auto reply", "autoreply",
	"auto-reply", "automatic reply", "auto response", "autoresponse",
	"auto-response", "out of office", "out of the office", "vacation",
	"away from", "auto:", "abwesen", "on leave", "on holiday",
	"automatische antwort", "réponse automatique", "respuesta autom",
	"resposta autom", "risposta automatica", "automatisch antwoord",
	"automatyczna odpowied", "autosvar", "fuera de la oficina", "втоответ",
	"自動応答", "自动回复" };

static const char *const away_fields[] = { "X-Autoreply", "X-Autorespond",
	"X-Autoresponse", "X-Autoreply-From", "X-Mail-Autoreply" };

/* One text, and a list of phrases; a folded text is large for a stack. */
static bool has_one(struct folded_text *folded, struct span text,
	const char *const *words, size_t count)
{
	folded_text_read(folded, span_part(text, 0, SIGN_WORDS_MAX));
	return folded_text_has(folded, words, count);
}

static struct span raw(const struct header *header, struct span name)
{
	const struct header_field *field = header_get(header, name);

	return field ? span_part(field->value, 0, SIGN_WORDS_MAX) : SPAN("");
}

static bool has_away_field(const struct header *header)
{
	for (size_t i = 0; i < COUNT_OF(away_fields); i++)
		if (header_get(header, span_of(away_fields[i])))
			return true;
	return false;
}

static bool is_null_path(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_space(value.at[i]) &&
			!memchr("<>", value.at[i], 2))
			return false;
	return span_find(value, '<') < value.len;
}

static unsigned signs_of_sender(struct arena *arena,
	const struct header *header, struct folded_text *folded)
{
	struct span from = mail_field(arena, header, SPAN("From"));
	struct span path = raw(header, SPAN("Return-Path"));
	unsigned signs = is_null_path(path) ? SIGN_NULL_PATH : 0;

	if (has_one(folded, from, senders, COUNT_OF(senders)) ||
		has_one(folded, path, senders, 1))
		signs |= SIGN_SENDER;
	return signs;
}

/* Where the first of these begins; or the end. */
static size_t first_of(const struct folded_text *folded,
	const char *const *words, size_t count)
{
	size_t first = folded->len;

	for (size_t i = 0; i < count; i++) {
		size_t at = folded_text_find(folded, words[i], 0);

		if (at < first)
			first = at;
	}
	return first;
}

/*
 * "Undeliverable: Away from the office" and "Automatic reply: Undeliverable":
 * who answers a mail puts his own words before its subject.
 */
static unsigned signs_of_subject(
	struct span subject, struct folded_text *folded)
{
	size_t failed, other, away;
	unsigned signs = 0;

	folded_text_read(folded, span_part(subject, 0, SIGN_WORDS_MAX));
	failed = first_of(folded, subjects, COUNT_OF(subjects));
	other = first_of(folded, foreign_words, COUNT_OF(foreign_words));
	away = first_of(folded, away_subjects, COUNT_OF(away_subjects));
	if (other < failed)
		failed = other;
	if (failed < folded->len)
		signs |= SIGN_SUBJECT;
	if (away < failed)
		signs |= SIGN_AWAY;
	return signs;
}

unsigned bounce_signs(
	struct arena *arena, const struct header *header, struct span words)
{
	struct span subject = mail_field(arena, header, SPAN("Subject"));
	struct folded_text folded;
	unsigned signs = signs_of_sender(arena, header, &folded);

	signs |= signs_of_subject(subject, &folded);
	if (has_away_field(header))
		signs |= SIGN_AWAY;
	if (header_get(header, SPAN("X-Failed-Recipients")))
		signs |= SIGN_FAILED_FIELD;
	if (has_one(&folded, words, words_of_failure,
		    COUNT_OF(words_of_failure)) ||
		folded_text_has(
			&folded, foreign_words, COUNT_OF(foreign_words)))
		signs |= SIGN_WORDS;
	if (folded_text_has(&folded, words_of_lists, COUNT_OF(words_of_lists)))
		signs |= SIGN_LIST | SIGN_WORDS;
	return signs;
}
