package doctor

import (
	"bufio"
	"fmt"
	"io"
)

// nameWidth is the width of the column of names.
const nameWidth = 20

// WriteTable writes the report for people: a line for each finding, below it what feign does instead and what the user can
// change, and the sum at the end.
func (r *Report) WriteTable(w io.Writer) error {
	b := bufio.NewWriter(w)
	counts := map[State]int{}
	for _, f := range r.Findings {
		counts[f.State]++
		fmt.Fprintf(b, "%-5s  %-*s  %s\n", f.State, nameWidth, f.Name, f.Found)
		for _, more := range []struct{ label, text string }{{"feign", f.Instead}, {"remedy", f.Remedy}} {
			if more.text != "" {
				fmt.Fprintf(b, "%-5s  %-*s  %s: %s\n", "", nameWidth, "", more.label, more.text)
			}
		}
	}
	fmt.Fprintf(b, "\n%s (%d ok, %d note, %d loss, %d fatal)\n", r.sum(), counts[OK], counts[Note], counts[Loss], counts[Fatal])
	return b.Flush()
}

func (r *Report) sum() string {
	switch r.Level {
	case Full:
		return "feign can run actions here"
	case Losses:
		return "feign can run actions here, with the losses that are named above"
	}
	return "feign cannot run actions here"
}
