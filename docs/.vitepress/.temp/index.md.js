import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"","description":"","frontmatter":{"layout":"home","hero":{"name":"deMEC","text":"An open market for computing at the edge","tagline":"Providers stake and sell metered WebAssembly. Anyone with a wallet buys it, calls it like a function, gets signed receipts, and sells back what is left.","actions":[{"theme":"brand","text":"The first five minutes","link":"/start"},{"theme":"alt","text":"Concepts","link":"/concepts/market"},{"theme":"alt","text":"How it compares","link":"/comparison"}]},"features":[{"title":"Call it like a function","details":"Ten lines of TypeScript from an empty file to a paid result. The SDK finds providers, buys within a budget, opens sessions, and moves on when one fails.","link":"/guides/buy-from-a-dapp"},{"title":"Sell a function","details":"One command puts its code peer to peer, and its price curve, tariff and terms on chain. Any staked provider may run it.","link":"/guides/sell-a-function"},{"title":"Sell a machine's time","details":"Stake, run one command, serve strangers' code in a sandbox, be paid on chain.","link":"/guides/run-a-provider"},{"title":"Know what holds","details":"Who can do what to whom, what is lost at worst, and where the gaps are.","link":"/security"}]},"headers":[],"relativePath":"index.md","filePath":"index.md"}`);
const _sfc_main = { name: "index.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("index.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const index = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  index as default
};
