declare module "solc" {
  interface Solc {
    /** Standard JSON in and out. */
    compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
  }
  const solc: Solc;
  export default solc;
}
