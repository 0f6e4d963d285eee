import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Reference","description":"","frontmatter":{},"headers":[],"relativePath":"reference/index.md","filePath":"reference/index.md"}');
const _sfc_main = { name: "reference/index.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="reference" tabindex="-1">Reference <a class="header-anchor" href="#reference" aria-label="Permalink to &quot;Reference&quot;">​</a></h1><p>What stands here is made from the source when the site is built (<code>pnpm build:docs</code>), and is not in the repository:</p><ul><li><code>reference/errors</code>: every <a href="./errors">error code and custom error</a>, what it means, what cures it, whether to try again (from <code>packages/protocol/src/errorTable.ts</code>, <code>contracts/libraries/Errors.sol</code> and what the source says with each code);</li><li><code>reference/api</code>: the <a href="./api/">packages</a>, one page for each entry point (from types and doc comments);</li><li><code>reference/contracts</code>: the deployed contracts, from their NatSpec: <a href="./contracts/SlaEscrow">SlaEscrow</a>, <a href="./contracts/BezierMarket">BezierMarket</a> and the others.</li></ul><p>The <a href="./../cli">commands</a> are made from the program too.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("reference/index.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const index = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  index as default
};
