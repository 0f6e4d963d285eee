// What a page does whose fetches a service worker answers.
import { registerDemec } from "@demec/sdk/service-worker";

export async function fetchThrough(script: string, path: string, body: string) {
  await registerDemec({ script });
  const answer = await fetch(path, { method: "POST", body });
  return { status: answer.status, text: await answer.text(), isPaid: answer.headers.has("demec-receipt") };
}
