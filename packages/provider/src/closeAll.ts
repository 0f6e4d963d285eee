/**
 * Closes what was opened, the last first: it rests on what was opened before. One that fails to close does not keep the
 * others open. A second call has nothing to do. @throws the first failure, after all
 */
export async function closeAll(closers: (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers.splice(0).reverse()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
