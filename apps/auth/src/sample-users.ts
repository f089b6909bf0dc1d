import type { Role } from '@lib/auth';

/** A user that a development database starts with. */
export interface SampleUser {
  id: number;
  email: string;
  name: string;
  password: string;
  roles: readonly Role[];
}

/**
 * Inserted where the table of users is empty and `NODE_ENV` is not `production`. Their passwords are public:
 * they stand in the README and `npm start` prints them.
 */
export const SAMPLE_USERS: readonly SampleUser[] = [
  { id: 1, email: 'admin@example.com', name: 'Ada Admin', password: 'admin-password', roles: ['admin'] },
  { id: 2, email: 'staff@example.com', name: 'Sam Staff', password: 'staff-password', roles: ['staff'] },
  { id: 7, email: 'customer@example.com', name: 'Cleo Customer', password: 'customer-password', roles: ['customer'] },
  { id: 8, email: 'other@example.com', name: 'Otis Other', password: 'other-password', roles: ['customer'] },
];
