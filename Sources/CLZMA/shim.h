// SPDX-License-Identifier: MIT
#include <lzma.h>
