package guest

// The table is printed for people to read; a test beside the printer fails when the document is not that of the table.
//
//go:generate go run ./internal/syscalldoc ../../docs/SYSCALLS.md
