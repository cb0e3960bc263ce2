package wire

import (
	"encoding/json"
	"fmt"

	"github.com/feign-build/feign/plugins"
	pb "github.com/feign-build/feign/plugins/policyv1"
)

// A Description is the answer to Describe: the policy, and what it has besides Compile.
type Description struct {
	plugins.Info
	Resolves, Finishes bool
}

// Describe returns the description of a policy of this process.
func Describe(p plugins.Policy, info plugins.Info) Description {
	_, resolves := p.(plugins.Resolver)
	_, finishes := p.(plugins.Finisher)
	return Description{info, resolves, finishes}
}

// EncodeDescription returns the message of a description.
func EncodeDescription(d Description) *pb.DescribeReply {
	return &pb.DescribeReply{
		Name: d.Name, Version: d.Version, Summary: d.Summary, Resolves: d.Resolves, Finishes: d.Finishes,
		Kinds: each(d.Kinds, func(k plugins.Kind) string { return string(k) }),
	}
}

// DecodeDescription returns the description of a message.
func DecodeDescription(m *pb.DescribeReply) (Description, error) {
	d := Description{
		Info: plugins.Info{
			Name: m.GetName(), Version: m.GetVersion(), Summary: m.GetSummary(),
			Kinds: each(m.GetKinds(), func(k string) plugins.Kind { return plugins.Kind(k) }),
		},
		Resolves: m.GetResolves(), Finishes: m.GetFinishes(),
	}
	return d, CheckDescription(d)
}

// CheckDescription tells what is wrong with a description.
func CheckDescription(d Description) error {
	if d.Name == "" || d.Version == "" {
		return fmt.Errorf("it describes itself without a name or a version")
	}
	for _, k := range d.Kinds {
		if !k.Known() {
			return fmt.Errorf("it announces rules of the unknown kind %q", k)
		}
	}
	return nil
}

// EncodeBuild returns the message of a build.
func EncodeBuild(b plugins.Build) *pb.CompileRequest {
	return &pb.CompileRequest{Dir: b.Dir, Argv: b.Argv, Env: b.Env, Config: b.Config}
}

// DecodeBuild returns the build of a message.
func DecodeBuild(m *pb.CompileRequest) plugins.Build {
	return plugins.Build{Dir: m.GetDir(), Argv: m.GetArgv(), Env: m.GetEnv(), Config: json.RawMessage(m.GetConfig())}
}

// EncodeVerdicts returns the message of verdicts.
func EncodeVerdicts(list []plugins.Verdict) *pb.ResolveReply {
	return &pb.ResolveReply{Verdicts: each(list, func(v plugins.Verdict) pb.Verdict { return pb.Verdict(v) })}
}

// DecodeVerdicts returns the verdicts of a message about n paths.
func DecodeVerdicts(m *pb.ResolveReply, n int) ([]plugins.Verdict, error) {
	list := each(m.GetVerdicts(), verdict)
	return list, CheckVerdicts(list, n)
}

// CheckVerdicts tells what is wrong with an answer about n paths.
func CheckVerdicts(list []plugins.Verdict, n int) error {
	if len(list) != n {
		return fmt.Errorf("%d verdicts for %d paths", len(list), n)
	}
	for _, v := range list {
		if !v.Valid() {
			return fmt.Errorf("%v is no verdict", v)
		}
	}
	return nil
}

// EncodeSummary returns the message of a summary.
func EncodeSummary(s plugins.Summary) *pb.FinishRequest {
	return &pb.FinishRequest{
		Status: int32(s.Status), Accounts: s.Accounts, Files: encodeFiles(s.Files),
		Accesses: each(s.Accesses, func(a plugins.Access) *pb.Access {
			return &pb.Access{Path: a.Path, Pid: int32(a.PID), Program: a.Program, Syscall: a.Syscall, Verdict: pb.Verdict(a.Verdict)}
		}),
	}
}

// DecodeSummary returns the summary of a message.
func DecodeSummary(m *pb.FinishRequest) plugins.Summary {
	return plugins.Summary{
		Status: int(m.GetStatus()), Accounts: m.GetAccounts(), Files: decodeFiles(m.GetFiles()),
		Accesses: each(m.GetAccesses(), func(a *pb.Access) plugins.Access {
			return plugins.Access{Path: a.GetPath(), PID: int(a.GetPid()), Program: a.GetProgram(), Syscall: a.GetSyscall(),
				Verdict: verdict(a.GetVerdict())}
		}),
	}
}

// EncodeDiagnostics returns the message of diagnostics.
func EncodeDiagnostics(list []plugins.Diagnostic) *pb.FinishReply {
	return &pb.FinishReply{Diagnostics: each(list, func(d plugins.Diagnostic) *pb.Diagnostic {
		return &pb.Diagnostic{Severity: string(d.Severity), What: d.What, Why: d.Why, Hint: d.Hint}
	})}
}

// DecodeDiagnostics returns the diagnostics of a message.
func DecodeDiagnostics(m *pb.FinishReply) ([]plugins.Diagnostic, error) {
	list := each(m.GetDiagnostics(), func(d *pb.Diagnostic) plugins.Diagnostic {
		return plugins.Diagnostic{Severity: plugins.Severity(d.GetSeverity()), What: d.GetWhat(), Why: d.GetWhy(), Hint: d.GetHint()}
	})
	return list, CheckDiagnostics(list)
}

// CheckDiagnostics tells what is wrong with diagnostics.
func CheckDiagnostics(list []plugins.Diagnostic) error {
	for _, d := range list {
		if d.What == "" {
			return fmt.Errorf("a diagnostic without a text")
		}
		if d.Severity != plugins.Error && d.Severity != plugins.Warning && d.Severity != plugins.Note {
			return fmt.Errorf("%q is no severity", d.Severity)
		}
	}
	return nil
}
