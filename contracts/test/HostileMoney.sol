// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC3009} from "./ERC3009.sol";

/// @title Test money that can be paid with by every method, and misbehaves in one way.
abstract contract Money is ERC20, ERC20Permit, ERC3009 {
    constructor() ERC20("Money", "MON") ERC20Permit("Money") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @title Honest, with any number of decimals.
contract DecimalsMoney is Money {
    uint8 private immutable _decimals;

    constructor(uint8 decimals_) {
        _decimals = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }
}

/// @title Takes 1% of what is moved, at least one unit.
contract TollMoney is Money {
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && amount != 0) super._update(to, address(0x7011), amount / 100 + 1);
    }
}

/// @title Shrinks what accounts hold, as a token does that rebases downwards.
contract ShrinkingMoney is Money {
    function shrink(address account, uint256 amount) external {
        _burn(account, amount);
    }
}

/// @title Says false instead of moving anything, while it is told to.
contract FalseMoney is Money {
    bool public failing;

    function fail(bool on) external {
        failing = on;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !failing && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !failing && super.transferFrom(from, to, amount);
    }
}

/// @title Moves nothing, and says of every balance what it likes.
contract LyingMoney {
    mapping(address account => uint256) public balanceOf;

    function say(address account, uint256 balance) external {
        balanceOf[account] = balance;
    }

    function transferFrom(address, address to, uint256 amount) external returns (bool) {
        balanceOf[to] += amount;
        return true;
    }

    function transfer(address, uint256) external pure returns (bool) {
        return true;
    }
}

/// @title Reports less after a payment than before it.
contract VanishingMoney is Money {
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0)) super._update(to, address(0xDEAD), balanceOf(to));
    }
}

/// @title Answers whatever it does not know with silence, as wrapped ether does: permits and authorisations seem to succeed.
contract PhantomMoney is ERC20("Phantom", "PHA") {
    fallback() external {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @title USDT's habits: nothing is returned, and an allowance that is not 0 can only be set to 0.
contract UsdtMoney {
    error AllowanceNotZero(uint256 current);

    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        uint256 current = allowance[msg.sender][spender];
        if (current != 0 && amount != 0) revert AllowanceNotZero(current);
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

interface IMoneyHooks {
    function onMove() external;
}

/// @title Calls the sender before and after a move and the recipient after it, as ERC-777 does and then some.
contract HookedMoney is Money {
    function _update(address from, address to, uint256 amount) internal override {
        notify(from);
        super._update(from, to, amount);
        notify(to);
        notify(from);
    }

    /// @dev Whoever has no such function, or fails in it, is left alone.
    function notify(address account) private {
        (bool ok, ) = account.call(abi.encodeCall(IMoneyHooks.onMove, ()));
        ok;
    }
}
