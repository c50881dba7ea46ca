import { homedir } from 'node:os';

/*
 * The library of the command line asks for the user's shell and home when it is loaded. A user whom the system does not know,
 * as in many containers, has neither, and the system's answer would be an error. Loaded before the library.
 */
process.env.SHELL ??= 'unknown';
try {
  homedir();
} catch {
  process.env.HOME = '/nonexistent';
}
