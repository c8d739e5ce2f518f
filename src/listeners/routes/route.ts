import type { AdminOperation } from '../../operations/admin/operation.ts';

/**
 * A route names the operation it calls. The payload are the members of the body, the parts of the path and the query;
 * everything else is the same for all routes: see ../http.ts.
 */
export interface Route<Request = unknown, Response = unknown> {
  readonly methods: readonly ('GET' | 'POST' | 'DELETE')[];
  /** `:name` is a field of the payload. */
  readonly path: string;
  /** Fields of the payload that stand in the query: `true` and `false` are booleans, everything else is text. */
  readonly query?: readonly string[];
  readonly operation: AdminOperation<Request, Response>;
  /** The status code of answers. */
  readonly status: number;
  /** Answers with another one. */
  readonly exception?: { readonly status: number; when(response: Response): boolean };
}

/** Declares a route: its types are those of the operation. */
export function route<Request, Response>(one: Route<Request, Response>): Route<Request, Response> {
  return one;
}
