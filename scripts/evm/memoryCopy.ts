/**
 * Makes Solidity sources compile for machines without MCOPY (before Cancun): OpenZeppelin's `Arrays` and `Bytes` use it in
 * inline assembly, although in functions that none of our contracts calls. A loop over bytes takes its place, safe for
 * ranges that overlap, like the instruction; slow, but it never reaches our bytecode.
 */
export function withoutMemoryCopy(source: string): string {
  let result = "";
  let rest = source;
  for (;;) {
    const match = /\bmcopy\(/.exec(rest);
    if (match === null) return result + rest;
    const start = match.index + match[0].length;
    const end = closingParenthesis(rest, start);
    const [to, from, length] = splitArguments(rest.slice(start, end));
    result += rest.slice(0, match.index) + copyLoop(to!, from!, length!);
    rest = rest.slice(end + 1);
  }
}

/** From the end when the source lies below the destination, else from the start. */
function copyLoop(to: string, from: string, length: string): string {
  return `{
    let copyTo := ${to}
    let copyFrom := ${from}
    let copyLength := ${length}
    let copyUp := iszero(lt(copyFrom, copyTo))
    for { let copied := 0 } lt(copied, copyLength) { copied := add(copied, 1) } {
      let copyAt := copied
      if iszero(copyUp) { copyAt := sub(sub(copyLength, 1), copied) }
      mstore8(add(copyTo, copyAt), byte(0, mload(add(copyFrom, copyAt))))
    }
  }`;
}

function closingParenthesis(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth === 0) return at;
  }
  throw new Error(`The mcopy at ${start} has no closing parenthesis.`);
}

function splitArguments(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}
