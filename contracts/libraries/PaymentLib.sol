// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IERC3009} from "../interfaces/IERC3009.sol";
import {IPermit2} from "../interfaces/IPermit2.sol";
import {Payment, PaymentMethod} from "../types/PaymentTypes.sol";
import {Errors} from "./Errors.sol";

/// @title Brings a payment into the calling contract: exactly the measured amount, by any of the methods, or not at all.
library PaymentLib {
    using SafeERC20 for IERC20;

    /// @notice What is due, and what the payer's signature must cover.
    /// @param cost base units due @param maxCost base units that the payer agreed to
    /// @param intentHash struct hash of the whole intent @param witnessType its type, as Permit2 wants it
    struct Charge {
        address token;
        uint256 cost;
        uint256 maxCost;
        uint256 deadline;
        uint256 nonce;
        bytes32 intentHash;
        string witnessType;
    }

    /// @notice Moves `amount` from `payer` by its allowance.
    function pullByAllowance(address token, address payer, uint256 amount) internal {
        // Some tokens refuse to move nothing.
        if (amount == 0) return;
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(payer, address(this), amount);
        _requireReceived(token, before, amount);
    }

    /// @notice Collects what is due. Without a signature that covers the whole intent only the payer itself may send it.
    /// @param sender who called
    /// @return excess what came in beyond the cost, base units: it is the payer's
    function pull(
        Payment calldata payment,
        Charge memory charge,
        address sender,
        IPermit2 permit2
    ) internal returns (uint256 excess) {
        if (payment.method == PaymentMethod.Permit2) {
            _pullByPermit2(payment, charge, permit2);
        } else if (payment.method == PaymentMethod.Authorization) {
            _pullByAuthorization(payment, charge);
            return charge.maxCost - charge.cost;
        } else {
            // Neither an allowance nor a permit says what it is for: nobody else may decide that.
            if (payment.payer != sender) revert Errors.Payment_ForeignPayer(payment.payer, sender);
            if (payment.method == PaymentMethod.Permit) _permit(payment, charge);
            pullByAllowance(charge.token, payment.payer, charge.cost);
        }
    }

    /// @dev A permit that someone has used before the payer is no failure: the allowance it gave is what counts.
    function _permit(Payment calldata payment, Charge memory charge) private {
        (uint8 v, bytes32 r, bytes32 s) = _split(payment.signature);
        try
            IERC20Permit(charge.token).permit(payment.payer, address(this), charge.maxCost, charge.deadline, v, r, s)
        {} catch {
            if (IERC20(charge.token).allowance(payment.payer, address(this)) < charge.cost) {
                revert Errors.Payment_PermitRefused(charge.token, payment.payer);
            }
        }
    }

    function _pullByPermit2(Payment calldata payment, Charge memory charge, IPermit2 permit2) private {
        if (address(permit2).code.length == 0) revert Errors.Payment_NoPermit2(address(permit2));
        uint256 before = IERC20(charge.token).balanceOf(address(this));
        permit2.permitWitnessTransferFrom(
            IPermit2.PermitTransferFrom({
                permitted: IPermit2.TokenPermissions({token: charge.token, amount: charge.maxCost}),
                nonce: charge.nonce,
                deadline: charge.deadline
            }),
            IPermit2.SignatureTransferDetails({to: address(this), requestedAmount: charge.cost}),
            payment.payer,
            charge.intentHash,
            charge.witnessType,
            payment.signature
        );
        _requireReceived(charge.token, before, charge.cost);
    }

    /// @dev The amount is under the signature, so all of `maxCost` comes in. That the token knows the function at all is
    /// not asked: what it did is measured.
    function _pullByAuthorization(Payment calldata payment, Charge memory charge) private {
        uint256 before = IERC20(charge.token).balanceOf(address(this));
        (uint8 v, bytes32 r, bytes32 s) = _split(payment.signature);
        try
            IERC3009(charge.token).receiveWithAuthorization(
                payment.payer,
                address(this),
                charge.maxCost,
                0,
                charge.deadline + 1,
                charge.intentHash,
                v,
                r,
                s
            )
        {} catch (bytes memory reason) {
            revert Errors.Payment_AuthorizationRefused(charge.token, payment.payer, reason);
        }
        _requireReceived(charge.token, before, charge.maxCost);
    }

    function _requireReceived(address token, uint256 before, uint256 expected) private view {
        uint256 received = Math.saturatingSub(IERC20(token).balanceOf(address(this)), before);
        if (received != expected) revert Errors.Market_InexactPayment(token, expected, received);
    }

    function _split(bytes calldata signature) private pure returns (uint8 v, bytes32 r, bytes32 s) {
        if (signature.length != 65) revert Errors.Payment_SignatureLength(signature.length);
        return (uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));
    }
}
