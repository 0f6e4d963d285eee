import "@fontsource-variable/inter/wght.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/parts.css";
import "./styles/curve.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { WagmiProvider } from "wagmi";
import { App } from "./App.tsx";
import { loadSettings, SettingsProvider } from "./settings.ts";
import { SettingsView } from "./views/SettingsView.tsx";
import { makeConfig } from "./wallet/config.ts";

const root = createRoot(document.querySelector("#root")!);
const queries = new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 1_000 } } });

try {
  const settings = await loadSettings();
  const config = await makeConfig(settings);
  root.render(
    <StrictMode>
      <SettingsProvider value={settings}>
        <WagmiProvider config={config}>
          <QueryClientProvider client={queries}>
            <App />
          </QueryClientProvider>
        </WagmiProvider>
      </SettingsProvider>
    </StrictMode>,
  );
} catch (error) {
  // Without settings there is no market to show: what can be done is to name one.
  root.render(
    <StrictMode>
      <main className="alone">
        <SettingsView trouble={error as Error} />
      </main>
    </StrictMode>,
  );
}
