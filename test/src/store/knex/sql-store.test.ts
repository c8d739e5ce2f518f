import { storeContract } from '../../../contracts/store.ts';
import { databases, newStore } from '../../../support/databases.ts';

for (const [name, database] of Object.entries(databases)) {
  describe(`SqlStore on ${name}`, () => storeContract(() => newStore(database())));
}
