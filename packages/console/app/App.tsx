import { lazy, Suspense } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { BuyerProvider } from "./buyer/BuyerProvider.tsx";
import { Header } from "./layout/Header.tsx";
import { Loading } from "./ui/basics.tsx";
import { Overview } from "./views/Overview.tsx";
import { ServiceView } from "./views/ServiceView.tsx";
import { Activity } from "./wallet/Activity.tsx";

// What the first view does not need is loaded when it is first looked at.
const PublishView = lazy(() => import("./views/PublishView.tsx"));
const SessionsView = lazy(() => import("./views/SessionsView.tsx"));
const TryView = lazy(() => import("./views/TryView.tsx"));
const ProvidersView = lazy(() => import("./views/ProvidersView.tsx"));
const ProviderView = lazy(() => import("./views/ProviderView.tsx"));
const MapView = lazy(() => import("./views/MapView.tsx"));
const SettingsPage = lazy(() => import("./views/SettingsPage.tsx"));

export function App() {
  return (
    <Router hook={useHashLocation}>
      <button type="button" className="skip" onClick={skip}>
        Skip to the content
      </button>
      <Header />
      <main id="main" tabIndex={-1}>
        <BuyerProvider>
          <Suspense fallback={<Loading chars={24} />}>
            <Switch>
              <Route path="/" component={Overview} />
              <Route path="/service/:id">{({ id }) => <ServiceView key={id} id={id} />}</Route>
              <Route path="/publish" component={PublishView} />
              <Route path="/sessions" component={SessionsView} />
              <Route path="/try/:id?">{({ id }) => <TryView key={id} id={id} />}</Route>
              <Route path="/providers" component={ProvidersView} />
              <Route path="/provider/:owner">{({ owner }) => <ProviderView key={owner} owner={owner} />}</Route>
              <Route path="/map" component={MapView} />
              <Route path="/settings" component={SettingsPage} />
              <Route>
                <Redirect to="/" />
              </Route>
            </Switch>
          </Suspense>
        </BuyerProvider>
      </main>
      <Activity />
    </Router>
  );
}

/** A link would change the route, which stands behind the # too. */
function skip(): void {
  document.querySelector<HTMLElement>("#main")?.focus();
}
