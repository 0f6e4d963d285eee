// What the console knows of the market, all of it read from the chain. Keys that begin with "live" are read again at every
// block, those with "list" from time to time and after every transaction; terms never change.
import {
  bezierMarketAbi,
  claimOf,
  creditsOf,
  type Deployment,
  getPool,
  getProvider,
  getService,
  listEnrolledProviders,
  listLimitOrders,
  listProviders,
  listServices,
  listSessions,
  listTrades,
  type ReadClient,
  reserveOf,
  type Service,
  supplyOf,
} from "@demec/chain";
import { type Address, parseServiceMetadata, priceAt, type ServiceMetadata } from "@demec/protocol";
import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { erc20Abi } from "viem";
import { readContract } from "viem/actions";
import { useBlockNumber, useConnection, usePublicClient } from "wagmi";
import { serviceTitle } from "../format.ts";
import { useSettings } from "../settings.ts";
import { providerRecord } from "./providerRecord.ts";

/** Lists come from events, which cost a node more than a read; milliseconds. */
const LIST_MS = 15_000;
export const LIST = { staleTime: LIST_MS, refetchInterval: LIST_MS } as const;
/** Not read again after a transaction either. */
const FOREVER = { staleTime: "static", gcTime: Number.POSITIVE_INFINITY } as const;

/** Name and decimals of a payment token. */
export interface Money {
  readonly token: Address;
  readonly symbol: string;
  readonly decimals: number;
}

export interface ServiceEntry {
  readonly serviceId: bigint;
  readonly metadata: ServiceMetadata;
}

/** The chain that the console is for. */
export function useChain(): { readonly client: ReadClient; readonly deployment: Deployment } {
  const { chainId, deployment } = useSettings();
  const client = usePublicClient({ chainId });
  if (client === undefined) throw new Error(`There is no client for chain ${chainId}.`);
  return { client: client as ReadClient, deployment };
}

/** Has live values read again at every block. */
export function useBlocks(): void {
  const queries = useQueryClient();
  const { data } = useBlockNumber({ watch: true });
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the new block that makes values old
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ["live"] });
  }, [data, queries]);
}

/** All services, oldest first. */
export function useServices() {
  const { client, deployment } = useChain();
  return useQuery({
    ...LIST,
    queryKey: ["list", "services"],
    queryFn: async (): Promise<ServiceEntry[]> =>
      (await listServices(client, deployment)).map(({ serviceId, metadata }) => ({
        serviceId,
        metadata: parseServiceMetadata(metadata),
      })),
  });
}

/** What the publisher of a service says about it. */
export function useMetadata(serviceId: bigint | undefined): ServiceMetadata | undefined {
  return useServices().data?.find((entry) => entry.serviceId === serviceId)?.metadata;
}

export const useServiceTitle = (serviceId: bigint): string => serviceTitle(serviceId, useMetadata(serviceId));

const termsQuery = ({ client, deployment }: ReturnType<typeof useChain>, serviceId: bigint) => ({
  ...FOREVER,
  queryKey: ["terms", String(serviceId)],
  queryFn: () => getService(client, deployment, serviceId),
});

export const useTerms = (serviceId: bigint) => useQuery(termsQuery(useChain(), serviceId));

export function useTermsOfAll(serviceIds: readonly bigint[]): ReadonlyMap<bigint, Service> {
  const chain = useChain();
  return useQueries({
    queries: serviceIds.map((serviceId) => termsQuery(chain, serviceId)),
    combine: (results) =>
      new Map(results.flatMap(({ data }) => (data === undefined ? [] : [[data.serviceId, data] as const]))),
  });
}

/** Where a service's market stands. */
export interface Standing {
  readonly supply: bigint;
  readonly reserve: bigint;
}

const standingQuery = ({ client, deployment }: ReturnType<typeof useChain>, serviceId: bigint) => ({
  queryKey: ["live", "standing", String(serviceId)],
  queryFn: async (): Promise<Standing> => {
    const [supply, reserve] = await Promise.all([
      supplyOf(client, deployment, serviceId),
      reserveOf(client, deployment, serviceId),
    ]);
    return { supply, reserve };
  },
});

export const useStanding = (serviceId: bigint) => useQuery(standingQuery(useChain(), serviceId));

export function useStandingOfAll(serviceIds: readonly bigint[]): readonly (Standing | undefined)[] {
  const chain = useChain();
  return useQueries({
    queries: serviceIds.map((serviceId) => standingQuery(chain, serviceId)),
    combine: (results) => results.map(({ data }) => data),
  });
}

export function useMoney(token: Address | undefined) {
  const { client } = useChain();
  return useQuery({
    ...FOREVER,
    queryKey: ["money", token],
    enabled: token !== undefined,
    queryFn: async (): Promise<Money> => {
      const contract = { address: token!, abi: erc20Abi } as const;
      const [symbol, decimals] = await Promise.all([
        readContract(client, { ...contract, functionName: "symbol" }),
        readContract(client, { ...contract, functionName: "decimals" }),
      ]);
      return { token: token!, symbol, decimals };
    },
  });
}

/** What the market adds to every purchase, 1/10,000. */
export function useProtocolFeeBps() {
  const { client, deployment } = useChain();
  return useQuery({
    ...FOREVER,
    queryKey: ["protocolFee"],
    queryFn: async () => {
      const call = { address: deployment.market, abi: bezierMarketAbi, functionName: "protocolFeeBps" } as const;
      return Number(await readContract(client, call));
    },
  });
}

/** What the connected account holds of a service and its money; all base units. */
export interface Holding {
  readonly credits: bigint;
  readonly money: bigint;
  /** Proceeds that wait in the market. */
  readonly claim: bigint;
}

export function useHolding(service: Service | undefined) {
  const { client, deployment } = useChain();
  const { address } = useConnection();
  return useQuery({
    queryKey: ["live", "holding", address, String(service?.serviceId)],
    enabled: address !== undefined && service !== undefined,
    queryFn: async (): Promise<Holding> => {
      const { serviceId, paymentToken: token } = service!;
      const account = address!;
      const [credits, claim, money] = await Promise.all([
        creditsOf(client, deployment, { serviceId, account }),
        claimOf(client, deployment, { token, account }),
        readContract(client, { address: token, abi: erc20Abi, functionName: "balanceOf", args: [account] }),
      ]);
      return { credits, claim, money };
    },
  });
}

/** Owners of the providers enrolled in each service. */
export function useEnrolled(serviceIds: readonly bigint[]): ReadonlyMap<bigint, readonly Address[]> {
  const { client, deployment } = useChain();
  return useQueries({
    queries: serviceIds.map((serviceId) => ({
      ...LIST,
      queryKey: ["list", "enrolled", String(serviceId)],
      queryFn: () => listEnrolledProviders(client, deployment, serviceId),
    })),
    combine: (results) =>
      new Map(results.flatMap(({ data }, index) => (data === undefined ? [] : [[serviceIds[index]!, data] as const]))),
  });
}

/** All registered providers, as the chain has them now. */
export function useProviders() {
  const { client, deployment } = useChain();
  return useQuery({ ...LIST, queryKey: ["list", "providers"], queryFn: () => listProviders(client, deployment) });
}

export function useProvider(owner: Address) {
  const { client, deployment } = useChain();
  return useQuery({
    queryKey: ["live", "provider", owner],
    queryFn: async () => {
      const [provider, pool] = await Promise.all([
        getProvider(client, deployment, owner),
        getPool(client, deployment, owner),
      ]);
      return { provider, pool };
    },
  });
}

/** What a provider has done so far: sessions, earnings, breaches, services. */
export function useProviderRecord(owner: Address) {
  const { client, deployment } = useChain();
  return useQuery({
    ...LIST,
    queryKey: ["list", "record", owner],
    queryFn: () => providerRecord(client, deployment, owner),
  });
}

/** All sessions of a buyer, newest first. */
export function useBuyerSessions(buyer: Address | undefined) {
  const { client, deployment } = useChain();
  return useQuery({
    ...LIST,
    queryKey: ["list", "sessions", buyer],
    enabled: buyer !== undefined,
    queryFn: async () => (await listSessions(client, deployment, { buyer: buyer! })).reverse(),
  });
}

/** Purchases and sales of a service, newest first. */
export function useTrades(serviceId: bigint) {
  const { client, deployment } = useChain();
  return useQuery({
    ...LIST,
    queryKey: ["list", "trades", String(serviceId)],
    queryFn: async () => (await listTrades(client, deployment, serviceId)).reverse(),
  });
}

export function useOrders(serviceId: bigint) {
  const { client, deployment } = useChain();
  return useQuery({
    ...LIST,
    queryKey: ["list", "orders", String(serviceId)],
    queryFn: () => listLimitOrders(client, deployment, { serviceId }),
  });
}

/** Price at a supply, by the same integers as the contracts'. */
export const priceOf = (service: Service, standing: Standing): bigint => priceAt(service.curve, standing.supply);
