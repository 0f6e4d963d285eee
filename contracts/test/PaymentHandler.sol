// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SessionHashes} from "../libraries/SessionHashes.sol";
import {BuyIntent, Payment, PaymentMethod, SessionOrder} from "../types/PaymentTypes.sol";
import {CurvePoints, ServiceParams} from "../types/ServiceTypes.sol";
import {Offer, SessionParams, SessionState} from "../types/SessionTypes.sol";
import {PaymentFixture} from "./PaymentFixture.sol";
import {vm} from "./Vm.sol";

/// @title Pays at random by every method, for credits and for sessions, with valid input only: every revert is a failure.
/// `SystemHandler` plays the rest of the system.
contract PaymentHandler is PaymentFixture {
    uint256 public constant SERVICES = 2;
    uint256 public constant PEOPLE = 3;
    uint256 private constant OPERATOR = 0x0B;
    uint256 private constant SESSION_KEY = 0x5E55;

    uint256[PEOPLE] private _keys = [uint256(0xA1), 0xB2, 0xC3];
    address[PEOPLE] private _people;
    address private _owner;
    SessionParams[] private _live;
    uint256 private _donated;

    constructor() {
        deployAll();
        ServiceParams memory params = defaultService();
        _owner = startProvider(OPERATOR, createService(params), 100_000_000e18);
        // Free at first, the steepest and the flattest of the range, the highest royalty, no bond.
        params.curve = CurvePoints(1, 2, type(uint96).max, 0, 0, uint128(1e30), type(uint128).max);
        (params.royaltyBps, params.minBondPerCredit) = (2_000, 0);
        createService(params);
        vm.prank(_owner);
        registry.enrol(2);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            _people[i] = vm.addr(_keys[i]);
            allow(address(usd), _keys[i], PaymentMethod.Permit2, type(uint256).max);
        }
    }

    // ---- what people do ----

    function buyCredits(uint256 person, uint256 service, uint256 credits, uint64 how) external {
        uint256 id = 1 + (service % SERVICES);
        if (market.supplyOf(id) > 1e27) return;
        BuyIntent memory intent = buyIntent(id, bound(credits, 1, 1e23), anyone(person >> 8));
        intent.maxCost += uint32(how >> 32);
        PaymentMethod method = prepareToPay(person, uint8(how), intent.maxCost);
        Payment memory paid = payFor(intent, method, _keys[person % PEOPLE]);
        vm.prank(senderOf(paid, person));
        market.buyWith(intent, paid);
    }

    function buyAndOpen(uint256 person, uint256 service, uint256 credits, uint64 how) external {
        uint256 id = 1 + (service % SERVICES);
        if (market.supplyOf(id) > 1e27) return;
        SessionOrder memory order = sessionOrder(id, bound(credits, 1, 1e23), SESSION_KEY);
        uint256 value = market.areaAt(id, market.supplyOf(id) + order.credits) - market.reserveOf(id);
        // Dust without a value opens nothing.
        if (value == 0) return;
        Offer memory offer = makeOffer(id, _owner);
        offer.bondPerCredit = id == 1 ? 0.1e18 : 0;
        order.maxCost += uint32(how >> 32);
        PaymentMethod method = prepareToPay(person, uint8(how), order.maxCost);
        Payment memory paid = payFor(offer, order, method, _keys[person % PEOPLE]);
        bytes memory signature = sign(OPERATOR, escrow.offerDigest(offer));
        vm.prank(senderOf(paid, person));
        (bytes32 sessionId, ) = escrow.buyAndOpen(offer, signature, order, paid);
        SessionParams memory params = expectedParams(paid.payer, offer, OPERATOR, order.credits, SESSION_KEY, value);
        assertTrue(sessionId == SessionHashes.sessionId(params), "session id");
        _live.push(params);
    }

    function closeAny(uint256 which, uint256 used) external {
        if (_live.length == 0) return;
        which %= _live.length;
        SessionParams memory params = _live[which];
        SessionState memory s;
        s.sessionId = SessionHashes.sessionId(params);
        (s.seq, s.creditsUsed, s.isFinal) = (1, uint128(bound(used, 0, params.credits)), true);
        escrow.close(params, s, signState(OPERATOR, s), signState(SESSION_KEY, s));
        _live[which] = _live[_live.length - 1];
        _live.pop();
    }

    function sell(uint256 person, uint256 service, uint256 credits, bool paysOut) external {
        (address seller, uint256 id) = (anyone(person), 1 + (service % SERVICES));
        uint256 held = accessToken.balanceOf(seller, id);
        if (held == 0) return;
        credits = bound(credits, 1, held);
        vm.prank(seller);
        if (paysOut) market.sellAndWithdraw(id, credits, 0, seller, block.timestamp);
        else market.sell(id, credits, 0, seller, block.timestamp);
    }

    function withdraw(uint256 person) external {
        address account = anyone(person);
        if (market.claimOf(address(usd), account) == 0) return;
        vm.prank(account);
        market.withdraw(address(usd), account);
    }

    /// @dev A gift to the market must change nothing.
    function donate(uint64 amount) external {
        usd.mint(address(market), amount);
        _donated += amount;
    }

    // ---- what must hold ----

    function check() external view {
        uint256 sum = _donated;
        for (uint256 id = 1; id <= SERVICES; ++id) {
            uint256 held;
            for (uint256 i = 0; i < PEOPLE; ++i) held += accessToken.balanceOf(_people[i], id);
            assertEq(held, market.supplyOf(id), "supply is not what is held");
            assertEq(market.reserveOf(id), market.areaAt(id, held), "reserve is not R(supply)");
            sum += market.reserveOf(id);
        }
        uint256 escrowed;
        for (uint256 i = 0; i < _live.length; ++i) escrowed += _live[i].value;
        assertEq(claimOf(address(escrow)), escrowed, "escrow's claim is not what its sessions hold");
        sum += escrowed + claimOf(treasury) + claimOf(publisher) + claimOf(_owner);
        for (uint256 i = 0; i < PEOPLE; ++i) sum += claimOf(_people[i]);
        assertEq(usd.balanceOf(address(market)), sum, "market's balance is not what it owes");
    }

    // ---- internals ----

    function anyone(uint256 seed) private view returns (address) {
        return _people[seed % PEOPLE];
    }

    function claimOf(address account) private view returns (uint256) {
        return market.claimOf(address(usd), account);
    }

    function prepareToPay(uint256 person, uint8 seed, uint256 amount) private returns (PaymentMethod method) {
        method = PaymentMethod(seed % 4);
        usd.mint(anyone(person), amount);
        if (method == PaymentMethod.Allowance) allow(address(usd), _keys[person % PEOPLE], method, amount);
    }

    /// @dev Anyone, where the signature says it all.
    function senderOf(Payment memory paid, uint256 seed) private view returns (address) {
        return uint8(paid.method) < 2 ? paid.payer : anyone(seed >> 16);
    }
}
