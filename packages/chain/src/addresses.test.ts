import assert from "node:assert/strict";
import { test } from "node:test";
import { type Deployment, formatDeployment, parseDeployment } from "./addresses.ts";

const deployment: Deployment = {
  chainId: 31337,
  demecToken: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  staking: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
  delegation: "0x75537828f2ce51be7289709686A69CbFDbB714F1",
  registry: "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0",
  accessToken: "0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9",
  market: "0xDc64a140Aa3E981100a9becA4E685f962f0cF6C9",
  escrow: "0x5FC8d32690cc91D4c39d9d3abcBD16989F875707",
  court: "0x0165878A594ca255338adfa4d48449f69242Eb8F",
  guardian: "0xa513E6E4b8f2a923D98304ec87F64353C4D5C853",
  administration: "0x2279B7A0a67DB372996a5FaB50D91eAA73d2eBe6",
  limitOrders: "0x8A791620dd6260079BF849Dc5567aDC3F2FdC318",
  deploymentBlock: 12n,
};

test("a deployment survives the way to JSON and back, whatever else stands beside it", () => {
  assert.deepEqual(parseDeployment(formatDeployment(deployment)), deployment);
  const more = { ...deployment, mockUsd: deployment.market };
  assert.deepEqual(parseDeployment(formatDeployment(more)), deployment);
});

test("a deployment that lacks a field, or has a malformed one, is refused by name", () => {
  const json = formatDeployment(deployment);
  for (const field of Object.keys(deployment)) {
    const lacking = JSON.stringify({ ...JSON.parse(json), [field]: undefined });
    const malformed = JSON.stringify({ ...JSON.parse(json), [field]: "0x12" });
    for (const bad of [lacking, malformed]) {
      assert.throws(
        () => parseDeployment(bad),
        (error: { code: string; details: { field: string } }) =>
          error.code === "chain/bad-deployment" && error.details.field === field,
      );
    }
  }
  for (const bad of ["", "null", "[]", "{", "1"]) {
    assert.throws(() => parseDeployment(bad), { code: "chain/bad-deployment" }, bad);
  }
});
