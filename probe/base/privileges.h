#ifndef MXP_PRIVILEGES_H
#define MXP_PRIVILEGES_H

#include <stdbool.h>

#include "probe/base/attr.h"

/*
 * Gives up, for good, what this process may do beyond an ordinary one: every
 * set of capabilities is emptied, and nothing that is executed later gets any
 * (no_new_privs).  What is open stays open.
 *
 * Linux keeps capabilities by thread: call it before there is a second one.
 * False: they could not be given up, and *why says why.  Where a sandbox forbids
 * the very call, but there is nothing to give up, it is true.
 */
bool privileges_drop(const char **why) MXP_MUST_USE;

#endif
