/**
 * Protection of the ECS task that this process runs in: a protected task is not ended when fewer are wanted, nor by a
 * deployment. Spot interruptions end it all the same.
 *
 * Source: Amazon ECS Developer Guide, "Task scale-in protection endpoint".
 */
import { CloudError } from './cloudError.ts';

export interface TaskProtection {
  /** Protects this task for `minutes` from now, or ends its protection at 0. */
  set(minutes: number): Promise<void>;
}

const TIMEOUT_MS = 5_000;

/** The endpoint that the ECS agent gives every container by the variable ECS_AGENT_URI. */
export class EcsTaskProtection implements TaskProtection {
  readonly #url: string;

  constructor(agentUri: string) {
    this.#url = `${agentUri}/task-protection/v1/state`;
  }

  /** @throws CloudError with the agent's answer where it refuses; TypeError where it does not answer. */
  async set(minutes: number): Promise<void> {
    const protection =
      minutes > 0 ? { ProtectionEnabled: true, ExpiresInMinutes: minutes } : { ProtectionEnabled: false };
    const response = await fetch(this.#url, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(protection),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) {
      throw new CloudError(
        `${this.#url}: expected status 200, received ${response.status} ${await response.text()}`,
      );
    }
  }
}
