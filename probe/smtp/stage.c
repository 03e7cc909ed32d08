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
