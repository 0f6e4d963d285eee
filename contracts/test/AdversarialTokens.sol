// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

abstract contract MintableToken is ERC20("Adversary", "ADV") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @title Takes 1% of every transfer.
contract FeeOnTransferToken is MintableToken {
    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0)) return super._update(from, to, amount);
        super._update(from, address(0xFEE), amount / 100);
        super._update(from, to, amount - amount / 100);
    }
}

/// @title Says that a transfer happened, moves nothing.
contract PretendingToken is MintableToken {
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return true;
    }
}

/// @title Gives the recipient more than was asked.
contract GenerousToken is MintableToken {
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0)) super._update(address(0), to, 1);
    }
}

/// @title Returns nothing from its transfers, as USDT does.
contract NoReturnToken {
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @title Refuses to move nothing.
contract NoZeroToken is MintableToken {
    error Zero();

    function _update(address from, address to, uint256 amount) internal override {
        if (amount == 0) revert Zero();
        super._update(from, to, amount);
    }
}

/// @title Refuses to send to or from the accounts on its list, as USDC does.
contract BlocklistToken is MintableToken {
    error Blocked(address account);

    mapping(address account => bool) public blocked;

    function block_(address account) external {
        blocked[account] = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (blocked[from]) revert Blocked(from);
        if (blocked[to]) revert Blocked(to);
        super._update(from, to, amount);
    }
}

/// @title Calls whoever sends or receives, as ERC-777 does.
contract HookToken is MintableToken {
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        notify(from);
        notify(to);
    }

    /// @dev The market has no such function; what it answers is of no interest.
    function notify(address account) private {
        (bool ok, ) = account.call(abi.encodeCall(ITokenHook.onMove, ()));
        ok;
    }
}

interface ITokenHook {
    function onMove() external;
}
