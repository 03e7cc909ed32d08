#ifndef MXP_SCHEMA_H
#define MXP_SCHEMA_H

/*
 * The form of the database, as the steps that lead to it: step n makes form n
 * of form n - 1, and is never changed once it has been released.  A noun that
 * needs a table writes its step in its own file, and adds a row to the table
 * in schema.c.
 */
extern const char history_schema[];     /* in history_schema.c ... */
extern const char isolation_schema[];   /* ... likewise */

/* Ended by NULL. */
extern const char *const schema_steps[];

/* The same of the ledger, a file of its own; in ledger_schema.c. */
extern const char *const ledger_steps[];

#endif
