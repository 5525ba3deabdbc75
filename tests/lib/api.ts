// SPDX-License-Identifier: GPL-3.0-or-later
// The API as a program uses it: with a bearer token.
export { until } from './time';

export interface Question {
  id: string;
  text: string;
  state: string;
  votes: number;
  mine?: boolean;
  voted?: boolean;
  by?: { name: string };
  media_ms: number;
}

export class Api {
  token = '';
  role = '';
  session = '';

  constructor(readonly url: string) {}

  static async signIn(link: string): Promise<Api> {
    const at = new URL(link);
    const api = new Api(at.origin);
    const answer = await api.ask('POST', '/api/v1/sign-in', { invitation: at.pathname.split('/').pop() });
    if (!answer.ok) {
      throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
    }
    const who = (await answer.json()) as { token: string; role: string; session: string };
    api.token = who.token;
    api.role = who.role;
    api.session = who.session;
    return api;
  }

  get headers(): Record<string, string> {
    return this.token ? { Authorization: `Bearer ${this.token}` } : {};
  }

  ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    return fetch(this.url + path, {
      method,
      headers: {
        ...this.headers,
        ...(body !== undefined ? { 'Content-Type': 'application/json' } : {}),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      redirect: 'manual',
    });
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask(method, path, body);
    if (!answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    }
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  async invite(session: string, role: string, name: string): Promise<string> {
    const made = await this.json<{ url: string }>('POST', `/api/v1/sessions/${session}/invitations`, {
      name,
      role,
    });
    return made.url;
  }

  state(session: string, to: string) {
    return this.json('POST', `/api/v1/sessions/${session}/state`, { to });
  }
}
