// What a swap costs on Uniswap, from the bytecode that its packages ship, with the same token on the same chain: v4's
// PoolManager through the leanest router of its package, v2's pair through the router that its users call.
import { createRequire } from "node:module";
import { type Abi, type Address, erc20Abi, type Hex, maxUint256 } from "viem";
import type { Connection } from "../../scripts/deployDemec.ts";

const require = createRequire(import.meta.url);
const ZERO: Address = `0x${"00".repeat(20)}`;
/** Price 1 as v4 wants it: √1·2^96. */
const SQRT_PRICE_ONE = 2n ** 96n;
const MIN_SQRT_PRICE = 4295128740n;
const LIQUIDITY = 10n ** 15n;
const SWAP = 10n ** 9n;
const FAR_FUTURE = 2n ** 40n;

interface Built {
  readonly abi: Abi;
  readonly bytecode: Hex;
}

/** Gas of the third swap in one direction between two tokens with 6 decimals. */
export async function measureUniswap({ viem }: Connection): Promise<{ v2: number; v4: number }> {
  const client = await viem.getPublicClient();
  const [wallet] = await viem.getWalletClients();
  const account = wallet!.account.address;

  const send = async (call: { address: Address; abi: Abi; functionName: string; args: readonly unknown[] }) => {
    const hash = await wallet!.writeContract(call);
    const receipt = await client.waitForTransactionReceipt({ hash, pollingInterval: 20 });
    if (receipt.status !== "success") throw new Error(`${call.functionName} reverted.`);
    return Number(receipt.gasUsed);
  };
  const deploy = async ({ abi, bytecode }: Built, args: readonly unknown[]) => {
    const hash = await wallet!.deployContract({ abi, bytecode, args });
    const receipt = await client.waitForTransactionReceipt({ hash, pollingInterval: 20 });
    const address = receipt.contractAddress!;
    return {
      address,
      call: (functionName: string, callArgs: readonly unknown[]) =>
        send({ address, abi, functionName, args: callArgs }),
    };
  };

  const tokens = await Promise.all([viem.deployContract("MockUsd"), viem.deployContract("MockUsd")]);
  const [token0, token1] = tokens.map(({ address }) => address).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)) as [
    Address,
    Address,
  ];
  for (const { address, abi } of tokens) {
    await send({ address, abi: abi as Abi, functionName: "mint", args: [account, 10n ** 30n] });
  }
  const approve = async (spender: Address) => {
    for (const address of [token0, token1]) {
      await send({ address, abi: erc20Abi as Abi, functionName: "approve", args: [spender, maxUint256] });
    }
  };
  const third = async (swap: () => Promise<number>) => {
    await swap();
    await swap();
    return swap();
  };

  // v4: full-range liquidity in a pool of 0.3% without hooks.
  const manager = await deploy(v4("PoolManager"), [account]);
  const liquidity = await deploy(v4("PoolModifyLiquidityTest"), [manager.address]);
  const router = await deploy(v4("SwapRouterNoChecks"), [manager.address]);
  for (const { address } of [liquidity, router]) await approve(address);
  const key = { currency0: token0, currency1: token1, fee: 3000, tickSpacing: 60, hooks: ZERO };
  await manager.call("initialize", [key, SQRT_PRICE_ONE]);
  const range = { tickLower: -887220, tickUpper: 887220, liquidityDelta: LIQUIDITY, salt: `0x${"00".repeat(32)}` };
  await liquidity.call("modifyLiquidity", [key, range, "0x"]);
  const exactInput = { zeroForOne: true, amountSpecified: -SWAP, sqrtPriceLimitX96: MIN_SQRT_PRICE };
  const v4Gas = await third(() => router.call("swap", [key, exactInput]));

  // v2: the same depth.
  const factory = await deploy(v2("@uniswap/v2-core/build/UniswapV2Factory.json"), [account]);
  const v2Router = await deploy(v2("@uniswap/v2-periphery/build/UniswapV2Router02.json"), [factory.address, ZERO]);
  await approve(v2Router.address);
  await v2Router.call("addLiquidity", [token0, token1, LIQUIDITY, LIQUIDITY, 0n, 0n, account, FAR_FUTURE]);
  const v2Gas = await third(() =>
    v2Router.call("swapExactTokensForTokens", [SWAP, 1n, [token0, token1], account, FAR_FUTURE]),
  );
  return { v2: v2Gas, v4: v4Gas };
}

function v4(name: string): Built {
  const { abi, bytecode } = require(`@uniswap/v4-core/out/${name}.sol/${name}.json`);
  return { abi, bytecode: bytecode.object };
}

function v2(path: string): Built {
  const { abi, bytecode } = require(path);
  return { abi, bytecode: `0x${bytecode}` };
}
