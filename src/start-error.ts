/** A node or a command could not start; the message says why in an operator's words. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
