import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/**
 * The whole system. Some references are circular (a contract is named by ones that are deployed before it), so those
 * addresses are given in advance, from the deployer's nonce: `after` keeps the order, and the constructors of the market, the
 * escrow, the court, the guardian and the delegated stake refuse a wrong prediction. Nobody keeps any right to change the wiring.
 */
export default buildModule("Demec", (m) => {
  const market = m.getParameter<string>("market");
  const escrow = m.getParameter<string>("escrow");
  const court = m.getParameter<string>("court");
  const guardian = m.getParameter<string>("guardian");
  const administration = m.getParameter<string>("administration");
  const delegation = m.getParameter<string>("delegation");

  const demecToken = m.contract("DemecToken", [m.getParameter("tokenHolder"), m.getParameter<bigint>("tokenSupply")]);
  const staking = m.contract("ProviderStaking", [
    demecToken,
    escrow,
    delegation,
    m.getParameter<bigint>("minStake"),
    m.getParameter<number>("unbondingDelay"),
  ]);
  const registry = m.contract("ServiceRegistry", [staking, market, guardian]);
  const accessToken = m.contract("AccessToken", [market, m.getParameter<string>("tokenUri")], { after: [registry] });
  const bezierMarket = m.contract("BezierMarket", [
    accessToken,
    registry,
    escrow,
    m.getParameter("treasury"),
    m.getParameter<number>("protocolFeeBps"),
    m.getParameter("permit2"),
  ]);
  const slaEscrow = m.contract("SlaEscrow", [bezierMarket, registry, staking, court]);
  const faultCourt = m.contract("FaultCourt", [slaEscrow, m.getParameter<number>("grace")]);
  const guard = m.contract("Guardian", [administration, bezierMarket, registry], { after: [faultCourt] });
  const rules = m.contract("Administration", [
    m.getParameter("admin"),
    m.getParameter("pauser"),
    guard,
    faultCourt,
    m.getParameter<number>("adminDelay"),
  ]);
  const delegatedStake = m.contract("DelegatedStake", [staking], { after: [rules] });
  // Last, so that the predicted addresses stay as they are.
  const limitOrders = m.contract("LimitOrders", [bezierMarket], { after: [delegatedStake] });
  return {
    demecToken,
    staking,
    delegation: delegatedStake,
    registry,
    accessToken,
    market: bezierMarket,
    escrow: slaEscrow,
    court: faultCourt,
    guardian: guard,
    administration: rules,
    limitOrders,
  };
});
