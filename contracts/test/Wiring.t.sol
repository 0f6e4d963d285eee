// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessToken} from "../AccessToken.sol";
import {BezierMarket} from "../BezierMarket.sol";
import {Guardian} from "../Guardian.sol";
import {ProviderStaking} from "../ProviderStaking.sol";
import {ServiceRegistry} from "../ServiceRegistry.sol";
import {SlaEscrow} from "../SlaEscrow.sol";
import {IPermit2} from "../interfaces/IPermit2.sol";
import {Errors} from "../libraries/Errors.sol";
import {Assertions, vm} from "./Vm.sol";

/// @title Stands for any contract of the system: it names the others as it is told.
contract Part {
    address public market;
    address public registry;
    address public escrow;
    address public staking;
    address public guardian;

    function names(address market_, address registry_, address escrow_, address staking_, address guardian_) external {
        (market, registry, escrow, staking, guardian) = (market_, registry_, escrow_, staking_, guardian_);
    }
}

/// @title Each wrong wire alone, all others right, is refused at deployment: no such system ever stands.
contract WiringTest is Assertions {
    address private constant STRANGER = address(0xBAD);
    Part private _market = new Part();
    Part private _registry = new Part();
    Part private _staking = new Part();

    /// @dev Where the next contract of this test will be.
    function next() private view returns (address) {
        return vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
    }

    function test_AnEscrowIsRefusedForEachWrongWire() public {
        for (uint256 wrong = 0; wrong < 5; ++wrong) {
            address escrow = next();
            _market.names(
                address(0),
                wrong == 0 ? STRANGER : address(_registry),
                wrong == 1 ? STRANGER : escrow,
                address(0),
                address(0)
            );
            _staking.names(address(0), address(0), wrong == 2 ? STRANGER : escrow, address(0), address(0));
            _registry.names(address(0), address(0), address(0), wrong == 3 ? STRANGER : address(_staking), address(0));
            // The last one is wired well.
            if (wrong < 4) vm.expectRevert(Errors.Escrow_Miswired.selector);
            new SlaEscrow(
                BezierMarket(address(_market)),
                ServiceRegistry(address(_registry)),
                ProviderStaking(address(_staking)),
                STRANGER
            );
        }
    }

    function test_AMarketIsRefusedForEachWrongWire() public {
        Part token = new Part();
        for (uint256 wrong = 0; wrong < 3; ++wrong) {
            address market = next();
            token.names(wrong == 0 ? STRANGER : market, address(0), address(0), address(0), address(0));
            _registry.names(wrong == 1 ? STRANGER : market, address(0), address(0), address(0), address(0));
            if (wrong < 2) vm.expectRevert(Errors.Market_Miswired.selector);
            new BezierMarket(
                AccessToken(address(token)),
                address(_registry),
                STRANGER,
                STRANGER,
                0,
                IPermit2(address(0))
            );
        }
    }

    function test_AGuardianIsRefusedForEachWrongWire() public {
        for (uint256 wrong = 0; wrong < 3; ++wrong) {
            _registry.names(address(0), address(0), address(0), address(0), wrong == 0 ? STRANGER : next());
            address registry = wrong == 1 ? STRANGER : address(_registry);
            _market.names(address(0), registry, address(0), address(0), address(0));
            if (wrong < 2) vm.expectRevert(Errors.Guardian_Miswired.selector);
            new Guardian(STRANGER, BezierMarket(address(_market)), ServiceRegistry(address(_registry)));
        }
    }
}
