#include "probe/smtp/stage.h"

const char *stage_word(enum stage stage)
{
	switch (stage) {
	case STAGE_RESOLVE:
		return "resolve";
	case STAGE_CONNECT:
		return "connect";
	case STAGE_BANNER:
		return "banner";
	case STAGE_EHLO:
		return "ehlo";
	case STAGE_STARTTLS:
		return "starttls";
	case STAGE_TLS:
		return "tls";
	case STAGE_MAIL:
		return "mail";
	case STAGE_RCPT:
		return "rcpt";
	case STAGE_DATA:
		return "data";
	case STAGE_DOT:
		return "dot";
	case STAGE_QUIT:
		return "quit";
	}
	return "";
}

const char *stage_phrase(enum stage stage)
{
	switch (stage) {
	case STAGE_RESOLVE:
		return "in the DNS";
	case STAGE_CONNECT:
		return "at connect";
	case STAGE_BANNER:
		return "at the banner";
	case STAGE_EHLO:
		return "at EHLO";
	case STAGE_STARTTLS:
		return "at STARTTLS";
	case STAGE_TLS:
		return "in the TLS handshake";
	case STAGE_MAIL:
		return "at MAIL";
	case STAGE_RCPT:
		return "at RCPT";
	case STAGE_DATA:
		return "at DATA";
	case STAGE_DOT:
		return "at end of DATA";
	case STAGE_QUIT:
		return "at QUIT";
	}
	return "";
}
