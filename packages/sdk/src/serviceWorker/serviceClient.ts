import type { PageDemec } from "../browser/connect.ts";
import type { Service } from "../service.ts";
import type { ServedService } from "./answerFetches.ts";

/** The services of a worker, connected when one is first asked for, and again after a page has taken the sessions over. */
export class ServiceClient {
  readonly #connect: () => Promise<PageDemec>;
  readonly #settings: Readonly<Record<string, ServedService>>;
  #demec: Promise<PageDemec> | null = null;
  readonly #services = new Map<string, Promise<Service>>();

  constructor(connect: () => Promise<PageDemec>, settings: Readonly<Record<string, ServedService>>) {
    this.#connect = connect;
    this.#settings = settings;
  }

  /** @param name one of the settings' @throws what `connect` and `Demec.service` throw; the next time it tries again */
  get(name: string): Promise<Service> {
    const known = this.#services.get(name);
    if (known !== undefined) return known;
    const { service, outputType: _, ...options } = this.#settings[name]!;
    const opened = this.#connected().then((demec) => demec.service(service, options));
    this.#services.set(name, opened);
    opened.catch(() => this.#services.delete(name));
    return opened;
  }

  #connected(): Promise<PageDemec> {
    if (this.#demec !== null) return this.#demec;
    const connected = this.#connect();
    this.#demec = connected;
    const forget = () => {
      this.#demec = null;
      this.#services.clear();
    };
    connected.then((demec) => demec.ended.then(forget), forget);
    return connected;
  }
}
