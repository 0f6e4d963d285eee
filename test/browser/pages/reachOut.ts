/** A worker that says what it reaches, as strangers' code would that had broken out of its engine. */
const attempt = async (reach: () => unknown): Promise<string> => {
  try {
    await reach();
    return "reached";
  } catch {
    return "kept in";
  }
};
const opened = (socket: WebSocket) =>
  new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
const { href } = location;
postMessage({
  fetch: await attempt(() => fetch(href)),
  // Not in a form that the bundler would resolve.
  import: await attempt(() => import(String(["data:text/javascript", ""]))),
  socket: await attempt(() => opened(new WebSocket(href.replace("http", "ws")))),
});
