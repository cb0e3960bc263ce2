package doctor

import (
	"encoding/json"
	"io"
)

// State is what a finding means for the main job: running an action.
type State string

// The states of a [Finding], from best to worst.
const (
	OK    State = "ok"    // as it should be
	Note  State = "note"  // something is done in another way; the action sees no difference
	Loss  State = "loss"  // something is answered otherwise than real root would have it
	Fatal State = "fatal" // no action can be run
)

// Level is how much of the main job can be done.
type Level string

// The levels of a [Report].
const (
	Full   Level = "full"   // no finding is worse than Note
	Losses Level = "losses" // actions run, with the losses that are named
	None   Level = "none"   // no action can be run
)

// The exit statuses that stand for the levels.
const (
	StatusFull   = 0
	StatusLosses = 1
	StatusNone   = 125
)

// A Finding is one thing that was looked at.
type Finding struct {
	Name    string `json:"name"`              // stable
	State   State  `json:"state"`             // stable
	Found   string `json:"found"`             // what was found
	Instead string `json:"instead,omitempty"` // what feign does instead, or what is lost
	Remedy  string `json:"remedy,omitempty"`  // what the user can change
}

// Schema is the version of the form of a [Report] in JSON. Additions do not change it.
const Schema = 1

// A Report is what [Judge] makes of the facts.
type Report struct {
	Schema   int       `json:"schema"`
	Level    Level     `json:"level"`
	Status   int       `json:"status"` // the exit status that stands for Level
	Findings []Finding `json:"findings"`
}

// add puts a finding into the report and lowers its level, if it has to.
func (r *Report) add(f Finding) {
	if f.State != OK && f.Remedy == "" {
		f.Remedy = "nothing needs to be changed"
	}
	r.Findings = append(r.Findings, f)
	switch {
	case f.State == Fatal:
		r.Level, r.Status = None, StatusNone
	case f.State == Loss && r.Level == Full:
		r.Level, r.Status = Losses, StatusLosses
	}
}

// ok adds a finding with nothing to say about.
func (r *Report) ok(name, found string) { r.add(Finding{Name: name, State: OK, Found: found}) }

// WriteJSON writes the report as an indented JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
