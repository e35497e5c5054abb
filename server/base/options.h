/* The table of options (options.def) as data: finding an option by name, setting it from text, printing all of them for
 * those who read. Which source goes before which is config.c's. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H
#include "base/config.h"

/* PL_NOT_FOUND. */
PL_CHECKED enum pl_status option_find(const char *name, size_t len, enum option_id *ret_id);
/* The same by a variable's name, PLENUM_MAP_MIB. */
PL_CHECKED enum pl_status option_find_variable(const char *name, size_t len, enum option_id *ret_id);

const char *option_name(enum option_id id);
void option_variable(enum option_id id, char ret_name[64]);
bool option_is_switch(enum option_id id);  /* takes no value, and stands on the command line only */
bool option_is_list(enum option_id id);    /* may be repeated */
bool option_is_filed(enum option_id id);   /* may stand in a configuration file */

/* Puts a value, which must live as long as the config: what is wrong with it, or NULL. Lists grow by it. An empty value
 * takes an option back that need not have one. */
const char *option_set(enum option_id id, struct config *config, const char *value);
void option_reset(enum option_id id, struct config *config); /* to its default; a list to nothing */
/* A list's value number `index`, or a single value for 0: false when there is none. */
bool option_value(enum option_id id, const struct config *config, size_t index, char ret_text[1024]);

void options_print_help(FILE *out);   /* for --help */
void options_print_manual(FILE *out); /* man(7) paragraphs */
void options_print_sample(FILE *out); /* a configuration file in which everything is commented out */

#endif
