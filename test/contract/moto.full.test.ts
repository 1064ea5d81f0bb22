import { installMoto, startMoto } from '../../scripts/emulators/moto.ts';
import { requirement } from '../support/requirement.ts';
import { describeLargeObjects, describeObjectStore } from './objectStore.ts';
import { openEmulator } from './processBackend.ts';
import { describeResultQueue, describeTaskQueue } from './queues.ts';

const taskGaps = {
  'an aborted poll rejects with the reason, and the next message goes to others':
    'a poll that was aborted still takes the next message; it comes back after its visibility time-out',
};

/** Not fit for results: order and dedup are wrong. Nothing of this project runs on it but the deployment of the stack. */
const resultGaps = {
  'a repeated deduplication id is dropped, even after the first was consumed':
    'ids are forgotten with their message',
  'messages whose visibility ended come back in order, counted':
    'they come back one by one, the last one first',
};

const missing = await installMoto().then(
  () => null,
  (error: Error) => error.message,
);
if (missing !== null) requirement('moto', missing)('the contract on moto', () => {});
else {
  const open = () => openEmulator(startMoto);
  describeObjectStore('moto', open);
  describeLargeObjects('moto', open);
  describeTaskQueue('moto', open, taskGaps);
  describeResultQueue('moto', open, resultGaps);
}
