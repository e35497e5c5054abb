/* Stands in for the embedded client when it is not built (PLENUM_WEB=OFF): a table without entries. */
#include "api/assets.h"

const struct asset plenum_assets[1] = {{0}};
const size_t plenum_asset_n = 0;
