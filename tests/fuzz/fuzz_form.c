/*
 * A message: its first byte says where it is cut.  Claims: cut or whole gives
 * the same faults; lines are within the message; a field that is a list of
 * addresses has domains without white space; what is told of a fault is ours,
 * printable ASCII; an encoded word never grows beyond twice its length.
 */
#include <stdint.h>

#include "probe/mail/display_name.h"
#include "probe/mail/encoded_word.h"
#include "probe/mail/form.h"
#include "probe/mail/unsubscribe.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void form_must_be_same(const struct form *a, const struct form *b)
{
	MUST(a->fault_total == b->fault_total);
	MUST(a->fault_count == b->fault_count);
	MUST(a->is_broken == b->is_broken);
	MUST(a->body_octets == b->body_octets);
	MUST(a->line_count == b->line_count);
	MUST(a->from.count == b->from.count);
	for (size_t i = 0; i < a->fault_count; i++) {
		const struct form_fault *one = &a->faults[i];
		const struct form_fault *other = &b->faults[i];

		MUST(one->kind == other->kind && one->line == other->line);
		MUST(one->count == other->count);
		MUST(span_is_nocase(one->field, other->field));
		MUST(span_is(one->why, other->why));
	}
}

static void form_must_be_sound(const struct form *form)
{
	MUST(form->fault_count <= FORM_FAULTS_MAX);
	MUST(form->fault_count <= form->fault_total);
	for (size_t i = 0; i < form->fault_count; i++) {
		const struct form_fault *fault = &form->faults[i];

		MUST(fault->line <= form->line_count + 1);
		MUST(fault->count > 0);
		MUST(fault->why.len > 0);
		for (size_t j = 0; j < fault->why.len; j++)
			MUST(fault->why.at[j] >= ' ' &&
				fault->why.at[j] < 0x7f);
	}
}

static void form_mailboxes_must_be_sound(const struct mailbox_list *list)
{
	MUST(list->count <= MAILBOX_LIST_MAX);
	for (size_t i = 0; i < list->count; i++) {
		struct span domain = list->mailboxes[i].domain;

		MUST(domain.len > 0);
		for (size_t j = 0; j < domain.len; j++)
			MUST(!strchr(" \t\r\n", domain.at[j]) || !domain.at[j]);
	}
}

static void form_fields_must_be_sound(
	struct arena *arena, const struct form *form)
{
	struct unsubscribe unsubscribe;

	unsubscribe_read(arena, &form->header, &unsubscribe);
	MUST(unsubscribe.is_one_click == !unsubscribe.why);
	MUST(!unsubscribe.is_one_click || unsubscribe.https.len);
	for (size_t i = 0; i < form->header.count; i++) {
		struct span value = form->header.fields[i].value;
		struct mailbox_list list;
		const char *why = NULL;

		if (!mailbox_list_parse(arena, value, &list, &why))
			MUST(why != NULL);
		form_mailboxes_must_be_sound(&list);
		MUST(encoded_words_decode(arena, value).len <= 2 * value.len);
		display_name_oddities(value, SPAN("a@b.example"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct form_reader *reader;
	const struct form *whole;
	struct arena *arena;
	struct span message;
	size_t cut;

	if (size == 0 || size > 64 * 1024)
		return 0;
	arena = arena_open();
	message = (struct span){ (const char *)bytes + 1, size - 1 };
	whole = form_of(arena, message, 1795295585);
	form_must_be_sound(whole);
	form_fields_must_be_sound(arena, whole);
	cut = message.len * bytes[0] / 255;
	reader = form_reader_open(arena);
	form_reader_take(reader, span_part(message, 0, cut));
	form_reader_take(reader, span_part(message, cut, message.len));
	form_must_be_same(whole, form_reader_end(reader, 1795295585));
	arena_close(arena);
	return 0;
}
