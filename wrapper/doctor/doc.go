// Package doctor tells whether feign can do its work where it is, by trying instead of assuming.
//
// # Promise
//
// A report names everything that falls short, with what feign does instead and what the user can change. Names and states of
// findings, and the levels, are stable; the texts beside them are for people and may change. Examining changes nothing: files
// that it makes are removed, children never run an instruction.
//
// # In a nutshell
//
//	report := doctor.Judge(doctor.Collect())
//	report.WriteTable(os.Stdout)
//	os.Exit(report.Status)
//
// [Collect] makes the experiments and returns plain data, [Judge] is a pure function of that: what a finding means stands in one
// place, and is tested without the machines that it is about. docs/DOCTOR.md explains the output.
//
// # Locks
//
// No locks: Facts and Report belong to one goroutine.
package doctor
