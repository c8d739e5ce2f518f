import { storeContract } from '../../../contracts/store.ts';
import { databases, describeOn, newStore } from '../../../support/databases.ts';

describeOn(databases, 'SqlStore on', (database) => storeContract(async () => newStore(await database.empty())));
