import { Link } from "wouter";
import { Empty, Page } from "../ui/basics.tsx";

export default function TryView({ id }: { readonly id: string | undefined }) {
  return (
    <Page title="Try it" lead="Run a service’s function from this page.">
      <Empty title="This console has no guide">
        A guide is a node that helps pages find providers; name one in the <Link href="/settings">settings</Link>
        {id !== undefined && (
          <>
            , or go <Link href={`/service/${id}`}>back to the service</Link>
          </>
        )}
        .
      </Empty>
    </Page>
  );
}
