import { formatDeployment } from "@demec/chain";
import { useSettings } from "../settings.ts";
import { SettingsView } from "./SettingsView.tsx";

export default function SettingsPage() {
  const { rpcUrls, deployment, guides } = useSettings();
  return (
    <SettingsView
      rpcUrls={rpcUrls.join("\n")}
      deployment={formatDeployment(deployment)}
      guides={guides.map(({ url, publicKey }) => `${url} ${publicKey}`).join("\n")}
    />
  );
}
