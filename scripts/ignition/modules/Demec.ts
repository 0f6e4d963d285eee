import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/**
 * The whole system. Two references are circular (market and escrow are named by contracts deployed before them), so their
 * addresses are given in advance, from the deployer's nonce: `after` keeps the order, and the constructors of the market
 * and the escrow refuse a wrong prediction. Nobody keeps any right to change the wiring.
 */
export default buildModule("Demec", (m) => {
  const market = m.getParameter<string>("market");
  const escrow = m.getParameter<string>("escrow");

  const demecToken = m.contract("DemecToken", [m.getParameter("tokenHolder"), m.getParameter<bigint>("tokenSupply")]);
  const staking = m.contract("ProviderStaking", [
    demecToken,
    escrow,
    m.getParameter<bigint>("minStake"),
    m.getParameter<number>("unbondingDelay"),
  ]);
  const registry = m.contract("ServiceRegistry", [staking, market]);
  const accessToken = m.contract("AccessToken", [market, m.getParameter<string>("tokenUri")], { after: [registry] });
  const bezierMarket = m.contract("BezierMarket", [
    accessToken,
    registry,
    escrow,
    m.getParameter("treasury"),
    m.getParameter<number>("protocolFeeBps"),
    m.getParameter("permit2"),
  ]);
  const slaEscrow = m.contract("SlaEscrow", [bezierMarket, registry, staking]);
  return { demecToken, staking, registry, accessToken, market: bezierMarket, escrow: slaEscrow };
});
