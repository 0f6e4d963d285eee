import { defineConfig } from "vitepress";
import { mermaid, pictures } from "./pictures.ts";
import { sidebar } from "./sidebar.ts";
import { sources } from "./sources.ts";

export default defineConfig({
  title: "deMEC",
  description: "An open market for computing at the edge",
  lang: "en-GB",
  cleanUrls: true,
  srcExclude: ["audit/**"],
  // A dead link fails the build: nothing is ignored.
  ignoreDeadLinks: false,
  // Everything that a page needs is part of the site.
  head: [["link", { rel: "icon", href: "data:," }]],
  // The index of the search is one file.
  vite: { build: { chunkSizeWarningLimit: 4_000 } },
  markdown: {
    config: (markdown) => {
      markdown.use(mermaid).use(pictures).use(sources);
    },
  },
  themeConfig: {
    outline: [2, 3],
    search: { provider: "local" },
    nav: [
      { text: "Start", link: "/start" },
      { text: "Concepts", link: "/concepts/market" },
      { text: "Guides", link: "/guides/sell-a-function" },
      { text: "Reference", link: "/reference/" },
    ],
    sidebar,
  },
});
