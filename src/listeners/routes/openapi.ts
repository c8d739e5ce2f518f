import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import type { Authority } from '../../operations/admin/operation.ts';
import { share } from '../../operations/admin/payloads.ts';
import { PROBLEM } from '../problem.ts';
import { kmipRoute } from './kmip.ts';
import type { Route } from './route.ts';
import { routes } from './table.ts';

type Json = Readonly<Record<string, unknown>>;

/** The description of the HTTP interface (OpenAPI 3.1), made of the table of routes and the schemas of its operations. */
export function description(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const methods = route.methods.map((method) => [method.toLowerCase(), operationOf(route, method)]);
    paths[path] = { ...paths[path], ...Object.fromEntries(methods) };
  }
  paths[kmipRoute.path] = { [kmipRoute.method.toLowerCase()]: kmip };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kleis',
      version: '1',
      summary: 'Status, seal and administration of a key management server, and KMIP messages.',
    },
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: '`KMS ` and the administrator token',
        },
        certificate: { type: 'mutualTLS', description: 'The client certificate says who asks' },
      },
      schemas: { Problem: problem },
    },
  };
}

const failed = { description: 'Failed', content: { [PROBLEM]: { schema: { $ref: '#/components/schemas/Problem' } } } };

/** The route that KMIP describes, and no schema. */
const kmip: Json = {
  operationId: 'post_kmip',
  summary: kmipRoute.summary,
  // An empty requirement: a credential in the message can say who asks.
  security: [{ certificate: [] }, {}],
  requestBody: { required: true, content: { [kmipRoute.mediaType]: {} } },
  responses: { 200: { description: 'A response message', content: { [kmipRoute.mediaType]: {} } }, default: failed },
};

function operationOf(route: Route, method: string): Json {
  const { operation, query = [] } = route;
  const { fields, required } = fieldsOf(operation.request);
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const parameters = [
    ...inPath.map((name) => ({ name, in: 'path', required: true, schema: fields[name] })),
    ...query.map((name) => ({ name, in: 'query', required: required.includes(name), schema: fields[name] })),
  ];
  const inBody = Object.entries(fields).filter(([name]) => !inPath.includes(name) && !query.includes(name));
  const body = method === 'POST' && inBody.length > 0 && bodyOf(Object.fromEntries(inBody), required);
  return {
    operationId: `${method.toLowerCase()}${route.path.replaceAll(/\W+/g, '_')}`,
    summary: operation.summary,
    security: securityOf[operation.authority],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: responsesOf(route),
  };
}

/** An empty requirement says that it is possible without. */
const securityOf: Readonly<Record<Authority, readonly Json[]>> = {
  anyone: [],
  shares: [{}, { token: [] }],
  administrator: [{ token: [] }],
};

function bodyOf(properties: Json, required: readonly string[]): Json {
  const schema = {
    type: 'object',
    properties,
    required: required.filter((name) => name in properties),
    additionalProperties: false,
  };
  const lines = 'shares' in properties && !('threshold' in properties);
  const text = { schema: { type: 'string', description: 'shares, one a line' } };
  return { content: { 'application/json': { schema }, ...(lines && { 'text/plain': text }) } };
}

function responsesOf({ operation, status, exception }: Route): Json {
  const answer = { description: operation.name, ...contentOf(operation.response) };
  return { [status]: answer, ...(exception && { [exception.status]: answer }), default: failed };
}

function contentOf(response: Route['operation']['response']): Json | undefined {
  if (typeof response === 'string') return { content: { [response]: {} } };
  return response && { content: { 'application/json': { schema: schemaOf(response) } } };
}

function fieldsOf(schema: GenericSchema): { fields: Record<string, unknown>; required: readonly string[] } {
  const { properties = {}, required = [] } = schemaOf(schema);
  return { fields: properties, required };
}

/** As JSON: the bytes that shares may be are for other forms of a body. */
function schemaOf(schema: GenericSchema): ReturnType<typeof toJsonSchema> {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    typeMode: 'input',
    overrideSchema: ({ valibotSchema }) => (valibotSchema === share ? { type: 'string' } : undefined),
    errorMode: 'ignore',
  });
  return rest;
}

const problem = {
  type: 'object',
  description: 'RFC 9457',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    correlation: { type: 'string' },
  },
  required: ['type', 'title', 'status', 'correlation'],
};
