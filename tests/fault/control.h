/* What the preloaded library shall let fail. The file named by PLENUM_FAULT holds one line: an error, a kind of call, and
 * for one failure alone its number: "ENOSPC write" fails every write of the journal's data, "EIO any 7" the seventh call
 * of any kind that the journal sees since the file says so, "HALF send 3" takes half of the third send. Once the one
 * failed, the file is emptied. Missing or empty: nothing fails. */
#ifndef FAULT_CONTROL_H
#define FAULT_CONTROL_H

#define FAULT_HALF (-1) /* less than was asked for, and no error */

/* Counts a call of this kind, which is one of `group`: 0, FAULT_HALF, or the error that it shall have. Leaves errno. */
int fault_of(const char *kind, const char *group);

#endif
