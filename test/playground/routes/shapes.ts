import * as spec from 'discord-api-spec/zod';
import { expect } from 'vitest';
import type { RestReply } from '../support.js';

interface Schema {
  safeParse(value: unknown): { error?: { issues: unknown[] } };
}

/** Looks whether a body has the shape that Discord's own specification gives this name, like `RoleResponse`. */
export function expectShape(name: string, body: unknown): void {
  const schema = (spec as unknown as Record<string, Schema | undefined>)[`${name}Schema`];
  expect(schema, `Discord's specification has no ${name}`).toBeDefined();
  expect(schema?.safeParse(body).error?.issues, `${name}: ${JSON.stringify(body)}`).toBeUndefined();
}

/** Looks at a refusal: status, code, and the form `{ code, message }`. */
export function expectRefusal(reply: RestReply, status: number, code: number): void {
  expect(reply, JSON.stringify(reply.body)).toMatchObject({ status, body: { code, message: expect.any(String) } });
}
