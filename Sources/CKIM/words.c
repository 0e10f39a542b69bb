// SPDX-License-Identifier: MIT
#include "words.h"

#include <pthread.h>
#include <string.h>

/// The library calls back on the thread that called it.
static _Thread_local char told[1024];

/// Takes an entry of the log: `time * number * level * who * file:line * message`.
static int32_t listen(const char *entry) {
  if (told[0] != 0 || entry == NULL) return 0;
  const char *message = entry;
  for (int field = 0; field < 5; field++) {
    const char *next = strstr(message, " * ");
    if (next == NULL) break;
    message = next + 3;
  }
  relax_kim_copy(message, told, sizeof told);
  size_t length = strlen(told);
  while (length > 0 && (told[length - 1] == '\n' || told[length - 1] == ' ')) told[--length] = 0;
  return 0;
}

void relax_kim_silence(const struct relax_kim_library *kim) {
  if (kim->Log_PushDefaultPrintFunction == NULL) {
    kim->Log_PushDefaultVerbosity(kim->LOG_VERBOSITY_silent);
    return;
  }
  kim->Log_PushDefaultPrintFunction(kim->LANGUAGE_NAME_c, (kim_function *)listen);
  kim->Log_PushDefaultVerbosity(kim->LOG_VERBOSITY_error);
}

void relax_kim_forget(void) { told[0] = 0; }

void relax_kim_told(char *words, int32_t room) { relax_kim_copy(told, words, room); }

void relax_kim_copy(const char *text, char *to, int64_t room) {
  if (room <= 0) return;
  size_t length = strlen(text);
  if (length >= (size_t)room) length = (size_t)room - 1;
  memcpy(to, text, length);
  to[length] = 0;
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

void relax_kim_lock(void) { pthread_mutex_lock(&gate); }
void relax_kim_unlock(void) { pthread_mutex_unlock(&gate); }
