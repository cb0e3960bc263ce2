package store

// kind is one of the two sorts of database that a state consists of.
type kind struct {
	file        string // its name in the directory
	application int    // PRAGMA application_id, which tells feign's files from others'
	// migrations make version n+1 of version n. They are never changed once released: a state of any version must
	// be read by every later feign.
	migrations []string
}

// The two databases of a state. The log is apart, so that writing it does not hold up what matters.
var (
	filesKind = &kind{"files.db", 0x66656966, filesMigrations} // "feif"
	logKind   = &kind{"log.db", 0x6665696c, logMigrations}     // "feil"
)

// newest returns the version that this feign writes.
func (k *kind) newest() int { return len(k.migrations) }

// Integers of SQLite are signed: device and inode numbers are kept as the same 64 bits. Times are nanoseconds since 1970, 0
// if not known. NULL stands for what is not claimed.
var filesMigrations = []string{`
CREATE TABLE files (
	dev   INTEGER NOT NULL,
	ino   INTEGER NOT NULL,
	type  INTEGER NOT NULL, -- S_IFMT bits of the file on the disk
	btime INTEGER NOT NULL, -- when the file was born
	ctime INTEGER NOT NULL, -- its ctime when it was last seen
	path  TEXT    NOT NULL, -- where it was when the lie was recorded, '' if not known
	uid   INTEGER,
	gid   INTEGER,
	mode  INTEGER,          -- permission bits, 07777
	node  INTEGER,          -- S_IFMT bits that are claimed
	rdev  INTEGER,          -- device number of a claimed device, as stat(2) has it
	PRIMARY KEY (dev, ino)
) WITHOUT ROWID;
CREATE TABLE xattrs (
	dev    INTEGER NOT NULL,
	ino    INTEGER NOT NULL,
	name   TEXT    NOT NULL,
	value  BLOB,
	hidden INTEGER NOT NULL, -- 1: claimed not to be there
	PRIMARY KEY (dev, ino, name)
) WITHOUT ROWID;
`,
	// generation is that of the inode, where there is no birth time; 0 if not known.
	`ALTER TABLE files ADD COLUMN generation INTEGER NOT NULL DEFAULT 0`,
}

var logMigrations = []string{`
CREATE TABLE events (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	time     INTEGER NOT NULL,
	severity INTEGER NOT NULL, -- 0 info, 1 warning, 2 error
	pid      INTEGER NOT NULL, -- 0: feign itself
	program  TEXT    NOT NULL,
	syscall  TEXT    NOT NULL,
	path     TEXT    NOT NULL,
	claim    TEXT    NOT NULL, -- what was claimed
	result   TEXT    NOT NULL
);
`,
	// A row for as many events as fit in a page: a row for each is most of what it costs to write them. The view shows each.
	`
CREATE TABLE runs (
	last   INTEGER PRIMARY KEY, -- id of the last of them
	count  INTEGER NOT NULL,
	events TEXT    NOT NULL     -- [[time, severity, pid, program, syscall, path, claim, result], ...] as JSON
);
INSERT INTO runs SELECT max(id), count(*), json_group_array(json_array(time, severity, pid, program, syscall, path, claim, result))
	FROM (SELECT * FROM events ORDER BY id) GROUP BY id / 16;
DROP TABLE events;
CREATE VIEW events AS SELECT
	r.last - r.count + 1 + e.key AS id, e.value ->> 0 AS time, e.value ->> 1 AS severity, e.value ->> 2 AS pid, e.value ->> 3 AS program,
	e.value ->> 4 AS syscall, e.value ->> 5 AS path, e.value ->> 6 AS claim, e.value ->> 7 AS result
	FROM runs r, json_each(r.events) e;
`}

// versionTable is in every database, from the first version on (what pseudo learned late).
const versionTable = `CREATE TABLE migrations (version INTEGER PRIMARY KEY, time INTEGER NOT NULL)`
