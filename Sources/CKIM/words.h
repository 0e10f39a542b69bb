// SPDX-License-Identifier: MIT
// What the KIM API and its models say when something goes wrong.
#ifndef RELAX_CKIM_WORDS_H
#define RELAX_CKIM_WORDS_H

#include <stdint.h>

#include "ckim.h"
#include "symbols.h"

/// From now on the library writes no file kim.log: what it would write there is kept for
/// `relax_kim_told`, where the version can do that, or dropped.
void relax_kim_silence(const struct relax_kim_library *kim);

/// Forgets what this thread was told.
void relax_kim_forget(void);

/// Copies the first error that this thread was told of since it forgot: the model's own, which those
/// of its callers follow. Empty if there was none.
void relax_kim_told(char *words, int32_t room);

/// Copies as much of `text` as there is room for.
void relax_kim_copy(const char *text, char *to, int64_t room);

/// Held while the library makes, destroys or looks for something. It keeps lists of its own of those,
/// loads and unloads shared libraries, and a model's making may run code that was never meant for
/// several threads.
void relax_kim_lock(void);
void relax_kim_unlock(void);

#endif
