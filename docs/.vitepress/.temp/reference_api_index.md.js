import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"demec","description":"","frontmatter":{},"headers":[],"relativePath":"reference/api/index.md","filePath":"reference/api/index.md"}');
const _sfc_main = { name: "reference/api/index.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="demec" tabindex="-1">demec <a class="header-anchor" href="#demec" aria-label="Permalink to &quot;demec&quot;">​</a></h1><h2 id="modules" tabindex="-1">Modules <a class="header-anchor" href="#modules" aria-label="Permalink to &quot;Modules&quot;">​</a></h2><ul><li><a href="./access">access</a></li><li><a href="./access-lit">access-lit</a></li><li><a href="./access/backend">access/backend</a></li><li><a href="./chain">chain</a></li><li><a href="./chain/ethers">chain/ethers</a></li><li><a href="./chain/light">chain/light</a></li><li><a href="./console">console</a></li><li><a href="./gateway">gateway</a></li><li><a href="./network">network</a></li><li><a href="./network/browser">network/browser</a></li><li><a href="./network/portable">network/portable</a></li><li><a href="./network/topics">network/topics</a></li><li><a href="./protocol">protocol</a></li><li><a href="./protocol/errors">protocol/errors</a></li><li><a href="./protocol/execution">protocol/execution</a></li><li><a href="./protocol/files">protocol/files</a></li><li><a href="./protocol/sha256-1">protocol/sha256</a></li><li><a href="./protocol/stream-hash">protocol/stream-hash</a></li><li><a href="./protocol/usage">protocol/usage</a></li><li><a href="./provider">provider</a></li><li><a href="./provider/browser">provider/browser</a></li><li><a href="./provider/node">provider/node</a></li><li><a href="./provider/operations">provider/operations</a></li><li><a href="./react">react</a></li><li><a href="./sdk">sdk</a></li><li><a href="./sdk/actions">sdk/actions</a></li><li><a href="./sdk/browser">sdk/browser</a></li><li><a href="./sdk/node">sdk/node</a></li><li><a href="./session">session</a></li><li><a href="./session/browser">session/browser</a></li><li><a href="./session/node">session/node</a></li><li><a href="./wasm">wasm</a></li><li><a href="./wasm/browser">wasm/browser</a></li><li><a href="./wasm/node">wasm/node</a></li><li><a href="./wasm/worker">wasm/worker</a></li><li><a href="./wasmtime">wasmtime</a></li></ul></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("reference/api/index.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const index = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  index as default
};
