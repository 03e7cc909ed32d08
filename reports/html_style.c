#include "reports/html_style.h"

static const unsigned char style[] = {
#include "reports/html.css.inc"
};

void html_style(FILE *out)
{
	fwrite(style, 1, sizeof(style), out);
}
