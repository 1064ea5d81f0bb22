import { installLocalStack, startLocalStack } from '../../scripts/emulators/localstack.ts';
import { requirement } from '../support/requirement.ts';
import { describeLargeObjects, describeObjectStore } from './objectStore.ts';
import { openEmulator } from './processBackend.ts';
import { describeResultQueue, describeTaskQueue } from './queues.ts';

const taskGaps = {
  'an aborted poll rejects with the reason, and the next message goes to others':
    'a poll that was aborted still takes the next message; it comes back after its visibility time-out',
};

const missing = await installLocalStack().then(
  () => null,
  (error: Error) => error.message,
);
if (missing !== null) requirement('localstack', missing)('the contract on LocalStack', () => {});
else {
  const open = () => openEmulator((directory) => startLocalStack({ directory }));
  describeObjectStore('LocalStack', open);
  describeLargeObjects('LocalStack', open);
  describeTaskQueue('LocalStack', open, taskGaps);
  describeResultQueue('LocalStack', open);
}
