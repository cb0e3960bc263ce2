// Package sqlite runs SQLite statements value by value, on modernc.org's translation of SQLite to Go. What database/sql and its
// driver do for each value and each statement takes longer than SQLite itself takes for a small row.
//
// # Promise
//
// A value is bound and read without an allocation, but for text and blobs that are read. Text may have any bytes but NUL. An error
// of SQLite's is an *Error with its result code.
//
// # In a nutshell
//
//	c, err := sqlite.Open("files.db", sqlite.ReadWrite)
//	defer c.Close()
//	err = c.Exec("BEGIN IMMEDIATE")
//	put, err := c.Prepare("INSERT INTO files VALUES (?, ?)")
//	defer put.Close()
//	for _, f := range files {
//		put.Int(1, f.ino)
//		put.Text(2, f.path)
//		if err := put.Run(); err != nil { ... }
//	}
//	err = c.Exec("COMMIT")
//
// # Locks
//
// No locks. A Conn and its statements belong to one goroutine at a time. Connections do not know of each other.
package sqlite
