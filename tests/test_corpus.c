/*
 * Each fuzz target over its corpus, in a plain program: what a fuzzer once
 * found stays found without one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "probe/base/attr.h"

#define LLVMFuzzerTestOneInput fuzz_address
#include "tests/fuzz/fuzz_address.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_answers_file
#include "tests/fuzz/fuzz_answers_file.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_arc
#include "tests/fuzz/fuzz_arc.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_author_domain
#include "tests/fuzz/fuzz_author_domain.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_bounce
#include "tests/fuzz/fuzz_bounce.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_capture_file
#include "tests/fuzz/fuzz_capture_file.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_certificate
#include "tests/fuzz/fuzz_certificate.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_codebook
#include "tests/fuzz/fuzz_codebook.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_conversation
#include "tests/fuzz/fuzz_conversation.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_dialogue
#include "tests/fuzz/fuzz_dialogue.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_dkim
#include "tests/fuzz/fuzz_dkim.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_dmarc
#include "tests/fuzz/fuzz_dmarc.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_dmarc_xml
#include "tests/fuzz/fuzz_dmarc_xml.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_dns
#include "tests/fuzz/fuzz_dns.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_ehlo
#include "tests/fuzz/fuzz_ehlo.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_engine
#include "tests/fuzz/fuzz_engine.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_forensics
#include "tests/fuzz/fuzz_forensics.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_form
#include "tests/fuzz/fuzz_form.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_maillog
#include "tests/fuzz/fuzz_maillog.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_mbox
#include "tests/fuzz/fuzz_mbox.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_message
#include "tests/fuzz/fuzz_message.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_mta_config
#include "tests/fuzz/fuzz_mta_config.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_mta_sts
#include "tests/fuzz/fuzz_mta_sts.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_normal_reply
#include "tests/fuzz/fuzz_normal_reply.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_options
#include "tests/fuzz/fuzz_options.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_pattern
#include "tests/fuzz/fuzz_pattern.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_packet
#include "tests/fuzz/fuzz_packet.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_reply
#include "tests/fuzz/fuzz_reply.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_report_file
#include "tests/fuzz/fuzz_report_file.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_report_record
#include "tests/fuzz/fuzz_report_record.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_run_document
#include "tests/fuzz/fuzz_run_document.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_scenario
#include "tests/fuzz/fuzz_scenario.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_serving
#include "tests/fuzz/fuzz_serving.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_spf_bytes
#include "tests/fuzz/fuzz_spf.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_stream
#include "tests/fuzz/fuzz_stream.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_tar
#include "tests/fuzz/fuzz_tar.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_tls_tap
#include "tests/fuzz/fuzz_tls_tap.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_tlsa
#include "tests/fuzz/fuzz_tlsa.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_tls_report
#include "tests/fuzz/fuzz_tls_report.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_unpack
#include "tests/fuzz/fuzz_unpack.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_witness
#include "tests/fuzz/fuzz_witness.c"
#undef LLVMFuzzerTestOneInput

static const struct fuzz_row {
	const char *name; /* the folder under tests/fuzz/corpus */
	int (*run)(const uint8_t *bytes, size_t size);
} rows[] = {
	{ "address", fuzz_address },
	{ "answers_file", fuzz_answers_file },
	{ "arc", fuzz_arc },
	{ "author_domain", fuzz_author_domain },
	{ "bounce", fuzz_bounce },
	{ "capture_file", fuzz_capture_file },
	{ "certificate", fuzz_certificate },
	{ "codebook", fuzz_codebook },
	{ "conversation", fuzz_conversation },
	{ "dialogue", fuzz_dialogue },
	{ "dkim", fuzz_dkim },
	{ "dmarc", fuzz_dmarc },
	{ "dmarc_xml", fuzz_dmarc_xml },
	{ "dns", fuzz_dns },
	{ "ehlo", fuzz_ehlo },
	{ "engine", fuzz_engine },
	{ "forensics", fuzz_forensics },
	{ "form", fuzz_form },
	{ "maillog", fuzz_maillog },
	{ "mbox", fuzz_mbox },
	{ "message", fuzz_message },
	{ "mta_config", fuzz_mta_config },
	{ "mta_sts", fuzz_mta_sts },
	{ "normal_reply", fuzz_normal_reply },
	{ "options", fuzz_options },
	{ "pattern", fuzz_pattern },
	{ "packet", fuzz_packet },
	{ "reply", fuzz_reply },
	{ "report_file", fuzz_report_file },
	{ "report_record", fuzz_report_record },
	{ "run_document", fuzz_run_document },
	{ "scenario", fuzz_scenario },
	{ "serving", fuzz_serving },
	{ "spf", fuzz_spf_bytes },
	{ "stream", fuzz_stream },
	{ "tar", fuzz_tar },
	{ "tls_tap", fuzz_tls_tap },
	{ "tlsa", fuzz_tlsa },
	{ "tls_report", fuzz_tls_report },
	{ "unpack", fuzz_unpack },
	{ "witness", fuzz_witness },
};

static void run_file(const struct fuzz_row *row, const char *folder,
	const char *name)
{
	uint8_t room[64 * 1024];
	char path[512];
	uint8_t *bytes;
	size_t len;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	in = fopen(path, "rb");
	assert_non_null(in);
	len = fread(room, 1, sizeof(room), in);
	assert_true(feof(in));
	fclose(in);
	bytes = malloc(len ? len : 1); /* its end is known to the sanitizer */
	memcpy(bytes, room, len);
	assert_int_equal(row->run(bytes, len), 0);
	free(bytes);
}

static void run_corpus(const struct fuzz_row *row)
{
	char folder[128];
	struct dirent *entry;
	size_t files = 0;
	DIR *dir;

	snprintf(folder, sizeof(folder), "tests/fuzz/corpus/%s", row->name);
	dir = opendir(folder);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		run_file(row, folder, entry->d_name);
		files++;
	}
	closedir(dir);
	print_message("# %s: %zu files\n", row->name, files);
	assert_true(files >= 12);
}

static void each_target_holds_over_its_corpus(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		run_corpus(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_target_holds_over_its_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
