import { openEmbedded } from './embeddedBackend.ts';
import { describeObjectStore } from './objectStore.ts';
import { describeResultQueue, describeTaskQueue } from './queues.ts';

describeObjectStore('embedded', openEmbedded);
describeTaskQueue('embedded', openEmbedded);
describeResultQueue('embedded', openEmbedded);
