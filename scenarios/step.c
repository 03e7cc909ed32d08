#include "scenarios/step.h"

const char *step_word(enum step_verb verb)
{
	switch (verb) {
	case STEP_CONNECT:
		return "connect";
	case STEP_BANNER:
		return "banner";
	case STEP_EHLO:
		return "ehlo";
	case STEP_STARTTLS:
		return "starttls";
	case STEP_MAIL:
		return "mail";
	case STEP_RCPT:
		return "rcpt";
	case STEP_DATA:
		return "data";
	case STEP_DOT:
		return "dot";
	case STEP_QUIT:
		return "quit";
	}
	return "";
}
