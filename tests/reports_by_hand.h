#ifndef MXP_TESTS_REPORTS_BY_HAND_H
#define MXP_TESTS_REPORTS_BY_HAND_H

/* DMARC aggregate reports, written by hand. */

#define DMARC_HEAD(organization, id, begin, end)                              \
	"<?xml version=\"1.0\"?><feedback><report_metadata><org_name>"        \
	organization "</org_name><report_id>" id "</report_id><date_range>"   \
	"<begin>" begin "</begin><end>" end "</end></date_range>"             \
	"</report_metadata><policy_published><domain>example.org</domain>"    \
	"<p>none</p></policy_published>"
#define DMARC_ROW(ip, count, dkim, spf, more)                                 \
	"<record><row><source_ip>" ip "</source_ip><count>" count "</count>"  \
	"<policy_evaluated><disposition>none</disposition><dkim>" dkim        \
	"</dkim><spf>" spf "</spf></policy_evaluated></row>" more "</record>"
#define DMARC_FROM "<identifiers><header_from>example.org</header_from>"      \
	"<envelope_from>example.org</envelope_from></identifiers>"
#define DMARC_AUTH(results) "<auth_results>" results "</auth_results>"
#define DMARC_DKIM(domain, result)                                            \
	"<dkim><domain>" domain "</domain><result>" result "</result></dkim>"
#define DMARC_SPF(domain, result)                                             \
	"<spf><domain>" domain "</domain><result>" result "</result></spf>"
#define DMARC_END "</feedback>"

#endif
