import { openEmbedded } from './embeddedBackend.ts';
import { describeLargeObjects } from './objectStore.ts';

describeLargeObjects('embedded', openEmbedded);
