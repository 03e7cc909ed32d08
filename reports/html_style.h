#ifndef MXP_HTML_STYLE_H
#define MXP_HTML_STYLE_H

#include <stdio.h>

/* The style sheet of the page, which is the file html.css. */
void html_style(FILE *out);

#endif
