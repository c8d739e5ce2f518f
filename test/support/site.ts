import { adminTokenDigest } from '../../src/seal/admin-token.ts';
import type { Split } from '../../src/seal/control.ts';
import { Generations, newInstallation } from '../../src/seal/generations.ts';
import { NodeSeal, type NodeSealParts } from '../../src/seal/node-seal.ts';
import { runBySeal } from '../../src/seal/run-operation.ts';
import { shamir } from '../../src/seal/shamir.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { openSeal } from './seal.ts';
import { secretOf, textOf } from './secrets.ts';

export const SITE_ID = 'e0b1a9f6-6c3f-4f8e-9d53-0f9d3c9f9a51';
const NOW = 1_700_000_000;
const seals = { shares: shamir, open: async () => openSeal };

/** A store with an installation whose administrator token is `token`, the shares that open it, and nodes over it. */
export class Site {
  readonly store = new MemoryStore();
  readonly events: string[] = [];
  shares: readonly string[] = [];

  static async make(split?: Split): Promise<Site> {
    const site = new Site();
    const made = split && (await shamir.split(SITE_ID, 1, split));
    site.shares = made?.shares.map(textOf) ?? [];
    const adminToken = adminTokenDigest(SITE_ID, secretOf('token'));
    const { installation, first } = await newInstallation(made?.seal ?? openSeal, NOW, { id: SITE_ID, adminToken });
    await site.store.initialise(installation, first);
    return site;
  }

  /** Recovery shares, made beside the nodes by whoever can open the seal. */
  async recovery(split: Split): Promise<readonly string[]> {
    const installation = await this.store.installation();
    if (installation === undefined) throw new Error('there is no installation');
    const generations = new Generations(this.store, installation, await openSeal.unwrap(installation));
    const { shares } = await runBySeal({ kind: 'rekey', split }, { seals, generations });
    generations.close();
    return shares.map(textOf);
  }

  async node(parts: Partial<NodeSealParts> = {}): Promise<NodeSeal> {
    const silent = { info: () => {}, warn: () => {}, error: () => {} };
    const seal = new NodeSeal({
      store: this.store,
      ...seals,
      patience: 60_000,
      approve: async () => {},
      unsealed: () => this.events.push('unsealed'),
      sealed: () => this.events.push('sealed'),
      log: silent,
      ...parts,
    });
    await seal.start();
    return seal;
  }
}

/** Shares as they are given. */
export const bytes = (...texts: readonly (string | undefined)[]) => texts.map((text) => secretOf(text ?? ''));
