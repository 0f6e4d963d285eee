import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** Test money for local and test networks. */
export default buildModule("MockUsd", (m) => ({ mockUsd: m.contract("MockUsd") }));
