// Package postgres runs a private PostgreSQL server, from the binaries that the
// system has, for the length of a test run.
//
// The server listens on a loopback TCP port only, so that a proxy can stand
// before it and break the connection; it has a random password, so that nobody
// else on the machine is let in; and it forgets what durability is (no fsync),
// since its files are deleted at the end in any case. A crash of the service
// under test is survived by its database, as in real life. A crash of the
// database's machine cannot be staged here.
//
// Start once per run (about a second, most of it initdb) and give each story a
// NewDatabase (some 40 ms).
//
// # When we die first
//
// The server is a child of package process: on Linux it is killed when we are,
// and its workers notice that it is gone. Elsewhere, and for its files (about 40
// MB in the system's folder for temporary files, named unhappy-postgres-*),
// there is no such help: they stay until somebody removes them. So does, until
// the next boot, 1 MB of shared memory where initdb itself is killed half-way.
//
// # Systems
//
// PostgreSQL refuses to run as root; for root it is run as the user postgres,
// or else nobody. Windows is not supported: Find and Start say so.
package postgres
