import { MemoryStore } from '../../../src/store/memory.ts';
import { storeContract } from '../../contracts/store.ts';

describe('MemoryStore', () => storeContract(async () => new MemoryStore()));
