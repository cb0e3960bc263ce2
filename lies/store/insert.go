package store

import (
	"database/sql"
	"strings"
)

// rowsAtOnce is how many rows an inserter puts in by one statement: most of what one alone costs is not the row. SQLite takes 32766
// values in a statement.
const rowsAtOnce = 50

// An inserter puts rows into a table in one transaction.
type inserter struct {
	tx      *sql.Tx
	head    string // of the statement, up to VALUES
	columns int

	full   *sql.Stmt // for rowsAtOnce; nil until it is needed
	values []any     // of rows that are not in the table yet
}

func newInserter(tx *sql.Tx, head string, columns int) *inserter {
	return &inserter{tx: tx, head: head, columns: columns, values: make([]any, 0, rowsAtOnce*columns)}
}

// add puts in a row, at the latest with flush. That no two rows have one key is the caller's care.
func (in *inserter) add(row ...any) error {
	if in.values = append(in.values, row...); len(in.values) < rowsAtOnce*in.columns {
		return nil
	}
	if in.full == nil {
		var err error
		if in.full, err = in.tx.Prepare(in.statement(rowsAtOnce)); err != nil {
			return err
		}
	}
	_, err := in.full.Exec(in.values...)
	in.values = in.values[:0]
	return err
}

// flush puts in what is left, and closes.
func (in *inserter) flush() error {
	defer in.close()
	if len(in.values) == 0 {
		return nil
	}
	_, err := in.tx.Exec(in.statement(len(in.values)/in.columns), in.values...)
	in.values = in.values[:0]
	return err
}

func (in *inserter) statement(rows int) string {
	row := "(" + strings.Repeat("?, ", in.columns-1) + "?)"
	return in.head + " VALUES " + strings.Repeat(row+", ", rows-1) + row
}

func (in *inserter) close() {
	if in.full != nil {
		in.full.Close()
		in.full = nil
	}
}
