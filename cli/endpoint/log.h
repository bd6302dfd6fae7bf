/* What happens on an endpoint, as lines of a log. */
#ifndef ENDPOINT_LOG_H
#define ENDPOINT_LOG_H

#include "endpoint.h"

#include <stdio.h>

/*
 * One line that says what happened, "sent POST CON Uri-Path:rd", then the message in hex, as it is
 * ("plain") and as it goes over the network ("protected"), with the number that its Partial IV has.
 */
void endpoint_print_trace(FILE *file, const endpoint_trace *trace);

#endif
