#ifndef MXP_DATABASE_INSIDE_H
#define MXP_DATABASE_INSIDE_H

#include <sqlite3.h>

#include "probe/store/database.h"

/* The database as this folder sees it. */
enum { DATABASE_WHY_MAX = 256 };

struct database {
	sqlite3 *handle;
	struct arena *arena;            /* its own */
	struct span file;
	bool is_in_turn;                /* between begin and commit */
	bool has_failed;
	char why[DATABASE_WHY_MAX];
};

/* What a file is: whose, and the steps that lead to this number. */
struct form {
	int application;                /* of its header */
	const char *const *steps;
	unsigned number;
};

/* A file of another kind than the history, with all of its steps. */
struct database *database_open_of(struct arena *arena, const char *file,
	const struct form *form, struct span *why) MXP_MUST_USE;

/* Keeps what SQLite says now, unless something failed before. */
void database_fail(struct database *database);

#endif
