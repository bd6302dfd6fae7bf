/* A plugin of lwsec-store-check: the store on the token of the environment. */
#include "tests/tokens/environment.h"

#include <lwsec/store_check.h>

const lwsec_store_check lwsec_store_check_plugin = {
    sizeof(lwsec_store_check), token_open, token_close, true, NULL, 0};
