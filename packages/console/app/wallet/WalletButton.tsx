import { useEffect, useRef } from "react";
import { useConnect, useConnection, useConnectors, useDisconnect, useSwitchChain } from "wagmi";
import { shortHex } from "../format.ts";
import { useSettings } from "../settings.ts";
import { ErrorNote, HexText } from "../ui/basics.tsx";
import { Icon } from "../ui/Icon.tsx";
import { failureOf } from "./useTransact.ts";

/** Connects a wallet; once one is connected, says which, and lets go of it. */
export function WalletButton({ wide = false }: { readonly wide?: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { address, connector, chainId: connectedTo } = useConnection();
  const { chainId, chainName = `chain ${chainId}` } = useSettings();
  const switchChain = useSwitchChain();
  const disconnect = useDisconnect();
  const close = () => dialog.current?.close();
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever has just connected is done here
  useEffect(() => dialog.current?.close(), [address]);
  const isElsewhere = address !== undefined && connectedTo !== chainId;
  return (
    <>
      <button
        type="button"
        className={wide ? "primary wide" : address === undefined ? "primary" : "wallet"}
        onClick={() => dialog.current?.showModal()}
      >
        {address === undefined ? (
          wide ? (
            "Connect a wallet"
          ) : (
            "Connect wallet"
          )
        ) : (
          <>
            {isElsewhere ? <Icon name="alert" /> : <Icon name="wallet" />}
            <span className="address">{shortHex(address)}</span>
          </>
        )}
      </button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog; the click is one on its backdrop */}
      <dialog ref={dialog} aria-label="Wallet" onClick={(event) => event.target === dialog.current && close()}>
        <div className="dialog-head">
          <h2>{address === undefined ? "Connect a wallet" : "Your wallet"}</h2>
          <button type="button" className="quiet icon" aria-label="Close" onClick={close}>
            <Icon name="cross" />
          </button>
        </div>
        {address === undefined ? (
          <WalletList />
        ) : (
          <>
            <dl className="rows">
              <div>
                <dt>Account</dt>
                <dd>
                  <HexText value={address} />
                </dd>
              </div>
              <div>
                <dt>Wallet</dt>
                <dd>{connector?.name}</dd>
              </div>
              <div>
                <dt>Chain</dt>
                <dd>{isElsewhere ? `another one, ${connectedTo}` : chainName}</dd>
              </div>
            </dl>
            {isElsewhere && (
              <button type="button" className="primary wide" onClick={() => switchChain.mutate({ chainId })}>
                Switch to {chainName}
              </button>
            )}
            <button
              type="button"
              className="wide"
              onClick={() => {
                disconnect.mutate({});
                close();
              }}
            >
              Disconnect
            </button>
          </>
        )}
      </dialog>
    </>
  );
}

function WalletList() {
  const connectors = useConnectors();
  const connect = useConnect();
  const { chainId } = useSettings();
  if (connectors.length === 0) {
    return (
      <p>
        No wallet was found in this browser. Install one, such as an extension that holds keys for Ethereum, and load
        this page again.
      </p>
    );
  }
  return (
    <>
      <ul className="wallets">
        {connectors.map((connector) => (
          <li key={connector.uid}>
            <button
              type="button"
              className="wide"
              disabled={connect.isPending}
              onClick={() => connect.mutate({ connector, chainId })}
            >
              {connector.icon === undefined ? (
                <Icon name="wallet" size={28} />
              ) : (
                <img src={connector.icon} alt="" width="28" height="28" />
              )}
              <span>{connector.name}</span>
            </button>
          </li>
        ))}
      </ul>
      {connect.error !== null && <ErrorNote error={failureOf(connect.error)} />}
    </>
  );
}
