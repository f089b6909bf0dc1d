import { journalConformance } from '../../../libs/realtime/src/journal/journal.conformance.js';
import { journalSite } from './site.js';

journalConformance('RedisJournal', journalSite);
