// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessToken} from "../AccessToken.sol";
import {Administration} from "../Administration.sol";
import {BezierMarket} from "../BezierMarket.sol";
import {DelegatedStake} from "../DelegatedStake.sol";
import {DemecToken} from "../DemecToken.sol";
import {FaultCourt} from "../FaultCourt.sol";
import {Guardian} from "../Guardian.sol";
import {ProviderStaking} from "../ProviderStaking.sol";
import {ServiceRegistry} from "../ServiceRegistry.sol";
import {SlaEscrow} from "../SlaEscrow.sol";
import {IDelegatedStake} from "../interfaces/IDelegatedStake.sol";
import {IPermit2} from "../interfaces/IPermit2.sol";
import {Errors} from "../libraries/Errors.sol";
import {Assertions, vm} from "./Vm.sol";

/// @title Stands for any contract of the system: it names the others, and its delays, as it is told.
contract Part {
    address public market;
    address public registry;
    address public escrow;
    address public staking;
    address public guardian;
    address public court;
    address public delegatedStake;
    address public token;
    uint256 public unbondingDelay;
    uint256 public grace;

    function approve(address, uint256) external pure returns (bool) {
        return true;
    }

    function set(bytes32 what, address who) external {
        if (what == "market") market = who;
        if (what == "registry") registry = who;
        if (what == "escrow") escrow = who;
        if (what == "staking") staking = who;
        if (what == "guardian") guardian = who;
        if (what == "court") court = who;
        if (what == "delegatedStake") delegatedStake = who;
        if (what == "token") token = who;
    }

    function setDelays(uint256 unbondingDelay_, uint256 grace_) external {
        (unbondingDelay, grace) = (unbondingDelay_, grace_);
    }
}

/// @title Each wrong wire alone, all others right, is refused at deployment: no such system ever stands.
/// @dev Contracts are made in calls to this one, since a mutant's constructor runs in a call of forge's (scripts/mutate.ts).
contract WiringTest is Assertions {
    address private constant STRANGER = address(0xBAD);
    Part private _market = new Part();
    Part private _registry = new Part();
    Part private _staking = new Part();
    Part private _other = new Part();

    /// @dev Where the next contract of this test will be.
    function next() private view returns (address) {
        return vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
    }

    // ---- escrow ----

    function makeEscrow() external {
        new SlaEscrow(
            BezierMarket(address(_market)),
            ServiceRegistry(address(_registry)),
            ProviderStaking(address(_staking)),
            STRANGER
        );
    }

    function test_AnEscrowIsRefusedForEachWrongWire() public {
        for (uint256 wrong = 0; wrong < 5; ++wrong) {
            _market.set("registry", wrong == 0 ? STRANGER : address(_registry));
            _market.set("escrow", wrong == 1 ? STRANGER : next());
            _staking.set("escrow", wrong == 2 ? STRANGER : next());
            _registry.set("staking", wrong == 3 ? STRANGER : address(_staking));
            // The last one is wired well.
            if (wrong < 4) vm.expectRevert(Errors.Escrow_Miswired.selector);
            this.makeEscrow();
        }
    }

    // ---- market ----

    function makeMarket(address treasury, uint256 feeBps) public {
        AccessToken token = AccessToken(address(_other));
        new BezierMarket(token, address(_registry), STRANGER, treasury, feeBps, IPermit2(address(0)));
    }

    function test_AMarketIsRefusedForEachWrongWire() public {
        for (uint256 wrong = 0; wrong < 3; ++wrong) {
            _other.set("market", wrong == 0 ? STRANGER : next());
            _registry.set("market", wrong == 1 ? STRANGER : next());
            if (wrong < 2) vm.expectRevert(Errors.Market_Miswired.selector);
            this.makeMarket(STRANGER, 0);
        }
    }

    function test_AMarketWithoutATreasuryOrWithAHigherFeeIsRefused() public {
        for (uint256 wrong = 0; wrong < 3; ++wrong) {
            _other.set("market", next());
            _registry.set("market", next());
            if (wrong == 0) vm.expectRevert(Errors.Market_ZeroRecipient.selector);
            if (wrong == 1) vm.expectRevert(abi.encodeWithSelector(Errors.Market_FeeTooHigh.selector, 501, 500));
            this.makeMarket(wrong == 0 ? address(0) : STRANGER, wrong == 1 ? 501 : 500);
        }
    }

    // ---- stake ----

    function makeStaking(uint256 supply) external {
        DemecToken token = new DemecToken(address(this), supply);
        new ProviderStaking(token, STRANGER, IDelegatedStake(STRANGER), 1, 1);
    }

    function test_AStakeTokenWhoseSupplyCouldOverflowAStakeIsRefused() public {
        uint256 most = 1 << 92;
        vm.expectRevert(abi.encodeWithSelector(Errors.Staking_SupplyTooLarge.selector, most + 1, most));
        this.makeStaking(most + 1);
        this.makeStaking(most);
    }

    function makeDelegatedStake() external {
        new DelegatedStake(ProviderStaking(address(_staking)));
    }

    function test_DelegatedStakeThatItsStakingContractDoesNotNameIsRefused() public {
        _staking.set("token", address(_other));
        _staking.set("delegatedStake", STRANGER);
        vm.expectRevert(Errors.Staking_Miswired.selector);
        this.makeDelegatedStake();
        _staking.set("delegatedStake", next());
        this.makeDelegatedStake();
    }

    // ---- court and administration ----

    function makeCourt(uint256 grace) external {
        new FaultCourt(SlaEscrow(address(_other)), grace);
    }

    function test_ACourtThatItsEscrowDoesNotNameOrWithTooLongAGraceIsRefused() public {
        _other.set("staking", address(_staking));
        _staking.setDelays(7 days, 0);
        uint256 most = uint256(7 days) / 4;
        _other.set("court", STRANGER);
        vm.expectRevert(Errors.Court_Miswired.selector);
        this.makeCourt(most);
        _other.set("court", next());
        vm.expectRevert(abi.encodeWithSelector(Errors.Court_GraceTooLong.selector, most + 1, most));
        this.makeCourt(most + 1);
        _other.set("court", next());
        this.makeCourt(most);
    }

    function makeGuardian() external {
        new Guardian(STRANGER, BezierMarket(address(_market)), ServiceRegistry(address(_registry)));
    }

    function test_AGuardianIsRefusedForEachWrongWire() public {
        for (uint256 wrong = 0; wrong < 3; ++wrong) {
            _registry.set("guardian", wrong == 0 ? STRANGER : next());
            _market.set("registry", wrong == 1 ? STRANGER : address(_registry));
            if (wrong < 2) vm.expectRevert(Errors.Guardian_Miswired.selector);
            this.makeGuardian();
        }
    }

    function makeAdministration(uint32 delay) external {
        new Administration(STRANGER, STRANGER, Guardian(STRANGER), FaultCourt(address(_other)), delay);
    }

    function test_AnAdministrationThatIsNoFasterThanTheCourtIsRefused() public {
        _other.setDelays(0, 100);
        vm.expectRevert(abi.encodeWithSelector(Errors.Administration_DelayTooLong.selector, 100, 100));
        this.makeAdministration(100);
        this.makeAdministration(99);
    }
}
