// A service worker that answers fetches; what it serves is in its own address.
import { type AnswerFetchesOptions, answerFetches } from "@demec/sdk/service-worker";

/** As JSON carries it. */
export type WorkerSetting = Omit<AnswerFetchesOptions, "deployment" | "services"> & {
  readonly deployment: Record<string, unknown> & { readonly deploymentBlock: string };
  readonly services: Readonly<
    Record<string, { readonly service: string; readonly budget: string; readonly sessionCredits: string }>
  >;
};

const setting: WorkerSetting = JSON.parse(new URL(location.href).searchParams.get("setting")!);
const { deployment } = setting;
answerFetches({
  ...setting,
  deployment: { ...deployment, deploymentBlock: BigInt(deployment.deploymentBlock) } as never,
  services: Object.fromEntries(
    Object.entries(setting.services).map(([name, { service, budget, sessionCredits }]) => [
      name,
      { service, budget: BigInt(budget), sessionCredits: BigInt(sessionCredits) },
    ]),
  ),
});
