export { DatabaseHealth, type HealthReport } from './database-health.js';
export { embeddedFile, type MigrationClass, type PersistenceOptions } from './orm-options.js';
export { PersistenceModule } from './persistence.module.js';
export { prepareDatabase } from './prepare-database.js';
export { ServiceMigration, type ColumnTypes } from './service-migration.js';
export { databaseEnv, databaseOf, type DatabaseEnv, type DatabaseSettings } from './settings.js';
