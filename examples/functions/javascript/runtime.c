// SPDX-License-Identifier: MIT
// A WASI command that runs one JavaScript script with QuickJS. The script stands in `demec_script`, where publishing
// puts it (bakeScript of @demec/wasm); where none stands, the first argument is the script.
//
// A script sees: stdin.text() and stdin.bytes(), args, print(...), write(string | ArrayBuffer), console.log and
// console.error, and the language itself. The clock stands still at the request's, Math.random draws from its seed.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "quickjs.h"

enum {
  SCRIPT_BYTES = (1 << 18) - 4,
  /** Little enough that calls nested too deep meet it, an error that a script can catch, before the meter's own limit. */
  STACK_BYTES = 56 << 10,
};

/** Where a script is put: its length in bytes, then its UTF-8. Volatile: the compiler must not take the zeros for granted. */
volatile struct {
  uint32_t length;
  char text[SCRIPT_BYTES];
} demec_script __attribute__((aligned(16)));

static void failed(JSContext *context) {
  JSValue error = JS_GetException(context);
  const char *message = JS_ToCString(context, error);
  fprintf(stderr, "%s\n", message ? message : "an exception that cannot be shown");
  if (JS_IsError(context, error)) {
    JSValue stack = JS_GetPropertyStr(context, error, "stack");
    const char *lines = JS_ToCString(context, stack);
    if (lines) fputs(lines, stderr);
  }
  exit(1);
}

static void writeAll(int descriptor, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t put = write(descriptor, bytes, length);
    if (put < 0) exit(1);
    bytes += put;
    length -= (size_t)put;
  }
}

static uint8_t *input;
static size_t inputLength;

static void readInput(void) {
  static int isRead;
  if (isRead) return;
  isRead = 1;
  size_t capacity = 0;
  for (ssize_t got = 1; got > 0;) {
    if (inputLength == capacity) {
      capacity = capacity ? capacity * 2 : 65536;
      input = realloc(input, capacity);
      if (input == NULL) {
        fputs("out of memory\n", stderr);
        exit(1);
      }
    }
    got = read(0, input + inputLength, capacity - inputLength);
    if (got > 0) inputLength += (size_t)got;
  }
}

static JSValue inputText(JSContext *context, JSValueConst self, int count, JSValueConst *values) {
  readInput();
  return JS_NewStringLen(context, (const char *)input, inputLength);
}

static JSValue inputBytes(JSContext *context, JSValueConst self, int count, JSValueConst *values) {
  readInput();
  return JS_NewArrayBufferCopy(context, input, inputLength);
}

static JSValue writeValue(JSContext *context, JSValueConst self, int count, JSValueConst *values) {
  for (int i = 0; i < count; i++) {
    size_t length;
    uint8_t *bytes = JS_IsString(values[i]) ? NULL : JS_GetArrayBuffer(context, &length, values[i]);
    if (bytes != NULL) {
      writeAll(1, bytes, length);
      continue;
    }
    if (!JS_IsString(values[i])) return JS_ThrowTypeError(context, "write takes strings and ArrayBuffers");
    const char *text = JS_ToCStringLen(context, &length, values[i]);
    if (text == NULL) return JS_EXCEPTION;
    writeAll(1, (const uint8_t *)text, length);
    JS_FreeCString(context, text);
  }
  return JS_UNDEFINED;
}

/** Values with spaces between, then a line end. @param descriptor 1 or 2 */
static JSValue printLine(JSContext *context, JSValueConst self, int count, JSValueConst *values, int descriptor) {
  for (int i = 0; i < count; i++) {
    size_t length;
    const char *text = JS_ToCStringLen(context, &length, values[i]);
    if (text == NULL) return JS_EXCEPTION;
    if (i > 0) writeAll(descriptor, (const uint8_t *)" ", 1);
    writeAll(descriptor, (const uint8_t *)text, length);
    JS_FreeCString(context, text);
  }
  writeAll(descriptor, (const uint8_t *)"\n", 1);
  return JS_UNDEFINED;
}

/** Uniform in [0, 1) with 53 bits, from the request's seed. */
static JSValue randomNumber(JSContext *context, JSValueConst self, int count, JSValueConst *values) {
  static uint64_t drawn[32];
  static unsigned left;
  if (left == 0) {
    left = sizeof drawn / sizeof drawn[0];
    if (getentropy(drawn, sizeof drawn) != 0) exit(1);
  }
  return JS_NewFloat64(context, (double)(drawn[--left] >> 11) * 0x1p-53);
}

static void setFunction(JSContext *context, JSValueConst object, const char *name, JSCFunction *function) {
  JS_SetPropertyStr(context, object, name, JS_NewCFunction(context, function, name, 0));
}

static JSValue printer(JSContext *context, const char *name, int descriptor) {
  JSCFunctionType function = {.generic_magic = printLine};
  return JS_NewCFunction2(context, function.generic, name, 0, JS_CFUNC_generic_magic, descriptor);
}

static void addGlobals(JSContext *context, int count, char **arguments) {
  JSValue global = JS_GetGlobalObject(context);
  JSValue console = JS_NewObject(context);
  JS_SetPropertyStr(context, console, "log", printer(context, "log", 1));
  JS_SetPropertyStr(context, console, "error", printer(context, "error", 2));
  JSValue standardInput = JS_NewObject(context);
  setFunction(context, standardInput, "text", inputText);
  setFunction(context, standardInput, "bytes", inputBytes);
  JSValue list = JS_NewArray(context);
  for (int i = 0; i < count; i++) {
    JS_SetPropertyUint32(context, list, (uint32_t)i, JS_NewString(context, arguments[i]));
  }
  JSValue math = JS_GetPropertyStr(context, global, "Math");
  setFunction(context, math, "random", randomNumber);
  JS_FreeValue(context, math);
  JS_SetPropertyStr(context, global, "console", console);
  JS_SetPropertyStr(context, global, "stdin", standardInput);
  JS_SetPropertyStr(context, global, "args", list);
  JS_SetPropertyStr(context, global, "print", printer(context, "print", 1));
  setFunction(context, global, "write", writeValue);
  JS_FreeValue(context, global);
}

static int rejections;

static void onRejection(JSContext *context, JSValueConst promise, JSValueConst reason, int isHandled, void *opaque) {
  rejections += isHandled ? -1 : 1;
  if (isHandled) return;
  const char *message = JS_ToCString(context, reason);
  fprintf(stderr, "rejected: %s\n", message ? message : "");
}

int main(int argc, char **argv) {
  int first = 1;
  const char *script = (const char *)demec_script.text;
  size_t length = demec_script.length;
  if (length == 0) {
    if (argc < 2) {
      fputs("no script is baked in and none is the first argument\n", stderr);
      return 2;
    }
    script = argv[first++];
    length = strlen(script);
  }
  char *source = malloc(length + 1); // JS_Eval wants a zero after it
  JSRuntime *runtime = JS_NewRuntime();
  JSContext *context = runtime ? JS_NewContext(runtime) : NULL;
  if (source == NULL || context == NULL) {
    fputs("out of memory\n", stderr);
    return 1;
  }
  memcpy(source, script, length);
  source[length] = '\0';
  JS_SetMaxStackSize(runtime, STACK_BYTES);
  JS_SetHostPromiseRejectionTracker(runtime, onRejection, NULL);
  addGlobals(context, argc - first, argv + first);
  if (JS_IsException(JS_Eval(context, source, length, "script.js", JS_EVAL_TYPE_GLOBAL))) failed(context);
  for (JSContext *pending;;) {
    int done = JS_ExecutePendingJob(runtime, &pending);
    if (done < 0) failed(pending);
    if (done == 0) break;
  }
  // The process ends: nothing is freed.
  return rejections > 0 ? 1 : 0;
}
