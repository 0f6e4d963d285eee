interface Column {
  readonly name: string;
  readonly numbers: number[];
}

/** What the function `csvstats` prints, in plain TypeScript. @throws what it says on stderr */
export function csvstats(text: string): string {
  const [header, ...rows] = parse(text);
  if (header === undefined) throw new Error("the table is empty");
  const columns = header.map((name): Column => ({ name, numbers: [] }));
  for (const row of rows) {
    for (const [index, column] of columns.entries()) {
      const value = numberIn(row[index] ?? "");
      if (value !== undefined) column.numbers.push(value);
    }
  }
  const lines = columns.map((column) => statistics(column).map(quote).join(","));
  return `${["column,numbers,minimum,maximum,mean,deviation", ...lines].join("\n")}\n`;
}

function statistics({ name, numbers }: Column): string[] {
  if (numbers.length === 0) return [name, "0", "", "", "", ""];
  let mean = 0;
  let squares = 0;
  for (const [index, value] of numbers.entries()) {
    const distance = value - mean;
    mean += distance / (index + 1);
    squares += distance * (value - mean);
  }
  const least = numbers.reduce((a, b) => (b < a ? b : a));
  const most = numbers.reduce((a, b) => (b > a ? b : a));
  return [name, String(numbers.length), ...[least, most, mean, Math.sqrt(squares / numbers.length)].map(String)];
}

/** Fields by one expression: a comma or line end before each, then a quoted field or a plain one. */
function parse(text: string): string[][] {
  if (text === "") return [];
  const rows: string[][] = [];
  const unix = text.replace(/"(?:[^"]|"")*"|\r\n/g, (part) => (part === "\r\n" ? "\n" : part));
  const body = unix.endsWith("\n") ? unix.slice(0, -1) : unix;
  for (const [, before, quoted, plain] of `\n${body}`.matchAll(/([,\n])(?:"((?:[^"]|"")*)"|([^,\n]*))/g)) {
    if (before === "\n") rows.push([]);
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
  }
  return rows;
}

function numberIn(field: string): number | undefined {
  const trimmed = field.replace(/^ +| +$/g, "");
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

const quote = (field: string): string => (/[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
