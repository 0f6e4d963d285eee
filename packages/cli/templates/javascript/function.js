// A script: `stdin` is the input, `args` are the arguments, `write` gives output. See docs/functions.md.
write(stdin.text().toUpperCase());
