/** Text as Markdown that Vue reads too: nothing in it is a tag or an expression. */
export function asText(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/\{\{/g, "&#123;&#123;")
    .replace(/([|*_[\]])/g, "\\$1");
}
