import type { Codec } from '../../ttlv/codec.ts';
import type { Operation, State } from '../../ttlv/tables/enums.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import type { Awaitable } from '../awaitable.ts';
import type { ReasonOverrides } from '../errors.ts';
import type { UniqueIdentifier } from '../kmip/structures/unique-identifier.ts';
import type { ChangeSet } from '../objects/changes.ts';
import type { ManagedObject } from '../objects/object.ts';
import type { Context } from './context.ts';

/** What `run` answers. */
export interface Done<Response> {
  readonly payload: Response;
  readonly changes?: ChangeSet;
  /** The new ID Placeholder: an identifier; null empties it; undefined leaves it. */
  readonly placeholder?: string | null;
}

/** The part of a request payload that dispatch reads by itself. */
export interface Targeted {
  /** Absent: the ID Placeholder. Forms of 2.x (enumeration, integer) are resolved by dispatch. */
  readonly uniqueIdentifier?: UniqueIdentifier;
}

interface Declaration<Request, Response> {
  /** The standard's name (registry key), also the name of the permission unless `permission` says otherwise. */
  readonly name: keyof typeof Operation;
  readonly code: Operation;
  readonly since: Version;
  readonly until?: Version;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
  /** The flag in `read_access` that lets somebody who is not the owner do this; undefined: nobody but the owner. */
  readonly permission: string | undefined;
  /** A failure empties the ID Placeholder, so that what follows in the batch fails, too. */
  readonly emptiesPlaceholder?: true;
  /** Answered while the node is sealed. */
  readonly whileSealed?: true;
  /** Error names whose reason differs for this operation: see errors.ts. */
  readonly reasons?: ReasonOverrides;
}

/** An operation on no object, or on all the visible ones (Create, Locate, Query, ...). */
export interface UntargetedOperation<Request, Response> extends Declaration<Request, Response> {
  readonly target: 'none' | 'visible';
  run(context: Context, request: Request): Awaitable<Done<NoInfer<Response>>>;
}

/** An operation on one object, that dispatch has found, permitted, and checked against `states` before `run`. */
export interface TargetedOperation<Request extends Targeted, Response> extends Declaration<Request, Response> {
  readonly target: 'one';
  /** Effective states in which the operation is possible at all; undefined: all. */
  readonly states?: readonly State[];
  run(context: Context, request: Request, object: ManagedObject): Awaitable<Done<NoInfer<Response>>>;
}

/** An operation whose payload types do not matter: those of a request are what its own codec read. */
export type AnyOperation = UntargetedOperation<unknown, unknown> | TargetedOperation<Targeted, unknown>;

/** Declares an operation: the types of payloads are taken from its codecs. */
export function untargeted<Request, Response>(
  one: UntargetedOperation<Request, Response>,
): UntargetedOperation<Request, Response> {
  return one;
}

/** Declares an operation on one object. */
export function targeted<Request extends Targeted, Response>(
  one: TargetedOperation<Request, Response>,
): TargetedOperation<Request, Response> {
  return one;
}
