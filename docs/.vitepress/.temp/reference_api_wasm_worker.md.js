import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"wasm/worker","description":"","frontmatter":{},"headers":[],"relativePath":"reference/api/wasm/worker.md","filePath":"reference/api/wasm/worker.md"}');
const _sfc_main = { name: "reference/api/wasm/worker.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="wasm-worker" tabindex="-1">wasm/worker <a class="header-anchor" href="#wasm-worker" aria-label="Permalink to &quot;wasm/worker&quot;">​</a></h1></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("reference/api/wasm/worker.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const worker = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  worker as default
};
