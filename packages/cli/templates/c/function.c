// A WASI command: stdin to stdout. Needs a clang for wasm32-wasi (Debian: clang lld wasi-libc libclang-rt-dev-wasm32).
#include <ctype.h>
#include <stdio.h>

int main(void) {
  for (int byte = getchar(); byte != EOF; byte = getchar()) putchar(toupper(byte));
  return 0;
}
