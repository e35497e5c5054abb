/* Prints what readers get of the table of options: the manual page (man), the sample configuration file (conf). Built
 * and run when the program is packaged; so neither can say anything else than --help does. */
#include "base/options.h"
#include "cmd/cmd.h"
#include <stdlib.h>
#include <string.h>

static void man_print(const char *version)
{
    printf(".TH PLENUM 1 \"\" \"Plenum %s\" \"User Commands\"\n", version);
    fputs(".SH NAME\nplenum \\- a shared whiteboard, served from one data folder\n"
          ".SH SYNOPSIS\n.B plenum serve\n.RI [ options ]\n.br\n.B plenum\n.I command\n.RI [ arguments ]\n"
          ".SH DESCRIPTION\n"
          "A real\\-time whiteboard for teams that you host yourself: one program, one data folder, no accounts.\n"
          "People open a link and write. What is said to be saved survives a crash and a power cut.\n"
          ".SH OPTIONS\n"
          "Each may be given as a flag, as a variable, or as a line\n.I name = value\nof the file of\n"
          ".BR \\-\\-config .\n"
          "Flags go before variables, variables before the file; a list, which has blanks between its values in a\n"
          "variable, replaces the lower one whole. What is wrong is told by flag, variable or FILE:LINE.\n",
          stdout);
    options_print_manual(stdout);
    fputs(".SH COMMANDS\nBesides\n.BR serve ;\nwithout\n.BR \\-\\-data ,\nthe folder is the one that\n.B PLENUM_DATA\nnames:\n"
          ".PP\n.nf\n",
          stdout);
    for (const char *c = cmd_usage(); *c != '\0'; c++) {
        if (*c == '-')
            fputs("\\-", stdout);
        else
            putchar(*c);
    }
    fputs(".fi\n"
          ".SH SIGNALS\n.TP\n.BR SIGTERM \", \" SIGINT\n"
          "Take nothing new, tell everybody to come back, wait for the disk, close, end. A second one ends at once;\n"
          "nothing that was acknowledged is lost by either.\n"
          ".TP\n.B SIGHUP\nRead the certificate and its key again.\n"
          ".SH EXIT STATUS\n0: ended as asked; 1: could not start or go on; 2: the command line, a variable or the\n"
          "configuration file is wrong.\n"
          ".SH FILES\n.TP\n.I /etc/plenum/plenum.conf\nWhat the service is told, as packaged.\n"
          ".TP\n.I /var/lib/plenum\nThe service's data folder.\n",
          stdout);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "man") == 0) {
        man_print(argv[2]);
    } else if (argc == 2 && strcmp(argv[1], "conf") == 0) {
        puts("# What plenum serve is told; see plenum(1). Lines of name = value; what is commented out is the default.\n"
             "# plenum serve --config /etc/plenum/plenum.conf --check-config says what comes of it.\n\n"
             "data = /var/lib/plenum");
        options_print_sample(stdout);
    } else {
        fputs("usage: plenum-manual man VERSION | conf\n", stderr);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
